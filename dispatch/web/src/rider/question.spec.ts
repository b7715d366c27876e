import { expect, it } from 'vitest'
import { carriesQuestion } from './question'

const CAMPAIGN = '01a5004e-dd00-7163-be70-b7ac8e6760a0'
const handout = (n: number) => `01a5004e-dd00-7c33-8385-${n.toString(16).padStart(12, '0')}`
const numbers = (many: number) => Array.from({ length: many }, (_, n) => n)

it('chooses the handouts the server chooses', () => {
  // The vectors of tests/handouts/test_question.py.
  expect(numbers(200).filter((n) => carriesQuestion(CAMPAIGN, handout(n), 0.03))).toEqual([36, 59, 69, 136])
})

it('asks about as many in a hundred as the campaign wants', () => {
  const asked = (share: number) =>
    numbers(20_000).filter((n) => carriesQuestion(CAMPAIGN, handout(n * 7919), share)).length / 20_000
  expect(asked(0.03)).toBeGreaterThan(0.026)
  expect(asked(0.03)).toBeLessThan(0.034)
  expect(asked(0)).toBe(0)
  expect(asked(1)).toBe(1)
})
