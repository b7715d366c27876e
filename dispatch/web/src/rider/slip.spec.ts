import { describe, expect, it } from 'vitest'
import { isAnothers, slipOf } from './slip'

const me = { cityCode: '9901', outletCode: 'ZTO-1', code: 'R-1' }

describe('a slip', () => {
  it('names city, outlet and rider', () => {
    expect(slipOf('#9901/ZTO-1/R-1')).toEqual({ city: '9901', outlet: 'ZTO-1', rider: 'R-1' })
    expect(slipOf('#9901%2FZTO-1%2FR-1')).toEqual({ city: '9901', outlet: 'ZTO-1', rider: 'R-1' })
  })
  it('of earlier days names the outlet alone', () => {
    expect(slipOf('#ZTO-0001')).toEqual({ city: null, outlet: 'ZTO-0001', rider: null })
  })
  it.each(['', '#', '#%', '#%E0%A4%A', '#a/b', '#a/b/c/d', '#9901//R-1', '#<img>', '#-x', `#${'9'.repeat(41)}`])(
    'is not in %s',
    (hash) => expect(slipOf(hash)).toBeNull(),
  )
})

describe('whose phone', () => {
  it.each([
    ['#9901/ZTO-1/R-1', false],
    ['#9901/zto-1/r-1', false],
    ['#ZTO-1', false],
    ['#9901/ZTO-1/R-2', true],
    ['#9901/ZTO-2/R-1', true],
    ['#9902/ZTO-1/R-1', true],
    ['#ZTO-2', true],
  ])('%s is another rider: %s', (hash, another) => expect(isAnothers(slipOf(hash)!, me)).toBe(another))
  it('of whom nothing is known yet is nobody else', () =>
    expect(isAnothers(slipOf('#9901/ZTO-1/R-2')!, { outletCode: null, code: null })).toBe(false))
})
