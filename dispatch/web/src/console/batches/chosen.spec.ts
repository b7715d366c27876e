import { expect, it } from 'vitest'
import { ClaimIds, copiesOf, packed, parts } from './chosen'

it('sums what is open of the chosen batches', () => {
  const batches = [
    { copies: 500, copies_open: 350 },
    { copies: 300, copies_open: 300 },
  ]
  expect(copiesOf(batches)).toBe(650)
  expect(copiesOf([])).toBe(0)
})

it('sends no more in a call than the server takes, and leaves none out', () => {
  expect(parts([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]])
  expect(parts([1, 2], 2)).toEqual([[1, 2]])
  expect(parts([], 2)).toEqual([])
})

it('says whole bundles and what is left over, not bundles alone', () => {
  expect(packed(1050, 100)).toEqual({ bundles: 10, loose: 50 })
  expect(packed(300, 100)).toEqual({ bundles: 3, loose: 0 })
  expect(packed(30, 100)).toEqual({ bundles: 0, loose: 30 })
})

it('asks again under the same id until the answer is sure, and for another outlet under another', () => {
  let made = 0
  const ids = new ClaimIds(() => `id${(made += 1)}`)
  expect([ids.of('B', ''), ids.of('B', 'O1'), ids.of('B', ''), ids.of('BB', '')]).toEqual(['id1', 'id2', 'id1', 'id3'])
  ids.settle('B')
  expect([ids.of('B', ''), ids.of('B', 'O1'), ids.of('BB', '')]).toEqual(['id4', 'id5', 'id3'])
})
