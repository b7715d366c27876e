import { describe, expect, it } from 'vitest'
import { bundlesOf, byCarton, codesIn, normalCode } from './codes'

const here = ['HB-0001-01', 'HB-0001-02', 'HB-0002-01'].map((code) => ({
  code,
  carton_code: code.slice(0, 7),
  copies: 50,
}))

describe('a scanned code', () => {
  it('is read as the label spells it, whatever the keyboard made of it', () => {
    expect(normalCode(' ＨＢ－0001－01\r')).toBe('HB-0001-01')
    expect(normalCode('HB–0001–01')).toBe('HB-0001-01')
    expect(codesIn('HB-0001-01\r\nHB-0001-02，HB-0002')).toEqual(['HB-0001-01', 'HB-0001-02', 'HB-0002'])
  })
  it('means its bundle, and a carton what is here of it', () => {
    expect(bundlesOf('hb-0001-02', here, []).bundles.map((each) => each.code)).toEqual(['HB-0001-02'])
    expect(bundlesOf('HB-0001', here, ['HB-0001-02']).bundles.map((each) => each.code)).toEqual(['HB-0001-01'])
  })
  it('says why it adds nothing', () => {
    expect(bundlesOf('HB-0009', here, []).fault).toBe('absent')
    expect(bundlesOf('HB-0002-01', here, ['HB-0002-01']).fault).toBe('twice')
  })
})

it('groups bundles by carton in their order', () => {
  expect(byCarton(here).map(([carton, inside]) => [carton, inside.length])).toEqual([
    ['HB-0001', 2],
    ['HB-0002', 1],
  ])
})
