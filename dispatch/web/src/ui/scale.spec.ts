import { expect, it } from 'vitest'
import { ticks } from './scale'

it('has round values that hold the largest one', () => {
  expect(ticks(97)).toEqual([0, 25, 50, 75, 100])
  expect(ticks(64_200)).toEqual([0, 20_000, 40_000, 60_000, 80_000])
  expect(ticks(0.9)).toEqual([0, 0.25, 0.5, 0.75, 1])
})

it('draws an axis where nothing is there yet', () => {
  expect(ticks(0)).toEqual([0, 1])
  expect(ticks(Number.NaN)).toEqual([0, 1])
})
