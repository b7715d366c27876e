import { describe, expect, it } from 'vitest'
import {
  copiesIn,
  isFaulty,
  keyOf,
  pasted,
  recordsOf,
  settle,
  toSend,
  toWithdraw,
  type Draft,
  type Sheet,
} from './reportDraft'

const zones = [
  { code: 'Z1', name: 'A' },
  { code: 'Z2', name: 'B' },
  { code: 'Z3', name: 'C' },
]
const materials = [
  { code: 'M1', name: 'book' },
  { code: 'M2', name: 'mat' },
]
const at = { zone: 'Z1', material: 'M1' }
const sheet = (): Sheet => ({
  outlet: 'O1',
  day: '2027-04-20',
  channelOf: () => 'with_parcel',
  newId: (() => {
    let n = 0
    return () => `id${(n += 1)}`
  })(),
})

it('reads numbers as people type them', () => {
  expect(['', ' 12 ', '１２', '1,200', '120份', '-3', '1.5', 'x', '9999999'].map(copiesIn)).toEqual([
    0,
    12,
    12,
    1200,
    120,
    null,
    null,
    null,
    null,
  ])
})

describe('a cell', () => {
  it('is the same report however often it is sent', () => {
    const draft: Draft = { [keyOf('Z1', 'M1')]: { text: '5' } }
    const keys = [keyOf('Z1', 'M1')]
    const own = sheet()
    const [first] = recordsOf(draft, keys, own)
    draft[keys[0]!]!.text = '9' // typed while it is unknown whether 5 arrived
    expect(recordsOf(draft, keys, own)[0]).toEqual(first)
  })
  it('leaves the draft once recorded, and stays with the reason when refused, under its id', () => {
    const [good, bad] = [keyOf('Z1', 'M1'), keyOf('Z2', 'M1')]
    const draft: Draft = { [good]: { text: '5' }, [bad]: { text: '900' } }
    const keys = toSend(draft, [good, bad])
    const own = sheet()
    recordsOf(draft, keys, own)
    const problem = { type: '/problems/not-enough-stock', title: '', status: 409, detail: '20 are there' }
    const recorded = settle(draft, keys, [
      { id: 'id1', outcome: 'duplicate' },
      { id: 'id2', outcome: 'rejected', problem },
    ])
    expect([...recorded]).toEqual([[good, 5]])
    expect(draft).toEqual({
      [bad]: { text: '900', id: 'id2', refusal: { slug: 'not-enough-stock', detail: '20 are there' } },
    })
    draft[bad]!.text = '20'
    expect(recordsOf(draft, [bad], own)[0]).toMatchObject({ id: 'id2', copies: 20 })
  })
})

describe('pasting', () => {
  it('fills from the cell on, to the right and down', () => {
    expect(pasted('1\t2\n\t4\n', zones, materials, { zone: 'Z2', material: 'M1' }).cells).toEqual([
      { zone: 'Z2', material: 'M1', text: '1' },
      { zone: 'Z2', material: 'M2', text: '2' },
      { zone: 'Z3', material: 'M2', text: '4' },
    ])
  })
  it('finds zones by code or name, whatever their order, and says which are none', () => {
    const result = pasted('C\t7\t8\nZ1\tA\t5\nnowhere\t1\n', zones, materials, at)
    expect(result.cells).toEqual([
      { zone: 'Z3', material: 'M1', text: '7' },
      { zone: 'Z3', material: 'M2', text: '8' },
      { zone: 'Z1', material: 'M1', text: '5' },
    ])
    expect(result.unknown).toEqual(['nowhere 1'])
  })
  it('finds materials by the header', () => {
    expect(pasted('zone\tmat\tbook\nZ2\t3\t4', zones, materials, at).cells).toEqual([
      { zone: 'Z2', material: 'M2', text: '3' },
      { zone: 'Z2', material: 'M1', text: '4' },
    ])
  })
  const riders = [
    { code: 'R1', name: '王师傅' },
    { code: 'R2', name: '李师傅' },
    { code: 'R3', name: '韩师傅' },
    { code: 'R4', name: '韩师傅' },
  ]
  const hand = { zone: 'R1', material: 'M1' }
  it('finds couriers by name where one has it, and by code where several do', () => {
    const result = pasted('王师傅\t8\nR4\t9\n韩师傅\t7\nR3\t韩师傅\t5\n韩师傅\tR4\t2\n', riders, materials, hand)
    expect(result.cells.map((each) => [each.zone, each.text])).toEqual([
      ['R1', '8'],
      ['R4', '9'],
      ['R3', '5'],
      ['R4', '2'],
    ])
    expect(result.ambiguous).toEqual(['韩师傅 7'])
  })
  it('keeps what is no number of copies, for its cell to say so', () => {
    const result = pasted('王师傅\t12.5\n李师傅\t八\n', riders, materials, hand)
    expect(result.cells.map((each) => each.text)).toEqual(['12.5', '八'])
    expect(result.cells.every(isFaulty)).toBe(true)
  })
  it('names unknown couriers, rows of totals, and figures without a column', () => {
    const result = pasted('赵师傅\t3\n合计\t35\nTotal:\t35\n王师傅\t1\t2\t3\n', riders, materials, hand)
    expect(result.unknown).toEqual(['赵师傅 3'])
    expect(result.totals).toEqual(['合计 35', 'Total: 35'])
    expect(result.beyond).toEqual(['王师傅 3'])
    expect(result.cells).toHaveLength(2)
  })
  it('names figures below the last row', () => {
    expect(pasted('1\n2\n3\n', zones.slice(0, 2), materials, at).beyond).toEqual(['3'])
  })
})

describe('a report by courier', () => {
  it("takes the courier's own copies, in the zone of the sheet", () => {
    const draft: Draft = { [keyOf('R1', 'M1')]: { text: '5' } }
    const [record] = recordsOf(draft, [keyOf('R1', 'M1')], { ...sheet(), zone: 'Z2' })
    expect(record).toMatchObject({ rider_code: 'R1', zone_code: 'Z2', copies: 5 })
    expect(record).not.toHaveProperty('outlet_code')
  })
})

it('withdraws what was sent from a cell that is empty now, unless it may be recorded already', () => {
  const draft: Draft = {
    [keyOf('Z1', 'M1')]: { text: '', id: 'a', refusal: { slug: 'not-enough-stock', detail: '' } },
    [keyOf('Z2', 'M1')]: { text: ' ', id: 'b', pending: { copies: 5, channel: 'placed' } },
    [keyOf('Z3', 'M1')]: { text: '7', id: 'c' },
    [keyOf('Z1', 'M2')]: { text: '' },
  }
  expect(toWithdraw(draft)).toEqual([keyOf('Z1', 'M1')])
})
