import { expect, it } from 'vitest'
import { countOf, numberOf } from './typed'

it.each([
  ['12,000', 12000],
  ['１２０００', 12000],
  [' 12 000 ', 12000],
  ['0.5', 0.5],
  ['', NaN],
  ['-3', NaN],
  ['1e3', NaN],
  ['12a', NaN],
])('%j is typed for %d', (text, value) => {
  expect(numberOf(text)).toBe(value)
})

it('counts only whole numbers above 0', () => {
  expect(['400', '0', '1.5', '', '99999999999'].map(countOf)).toEqual([400, 0, 0, 0, 0])
})
