import { describe, expect, it } from 'vitest'
import { AMOUNTS, classOf, edgesOf } from './classes'

describe('amounts are shown in a few classes', () => {
  const values = [0, 12, 40, 95, 210, 430, 660, 1200, 2400, 3100, 9000]
  it('has rising edges and never more classes than colours', () => {
    const edges = edgesOf(values)
    expect([...edges].sort((a, b) => a - b)).toEqual(edges)
    expect(Math.max(...values.map((value) => classOf(value, edges)))).toBeLessThan(AMOUNTS.length)
  })
  it('keeps nothing apart from little', () => {
    expect(classOf(0, edgesOf(values))).toBe(0)
    expect(classOf(12, edgesOf(values))).toBe(1)
  })
  it('makes one class of equal values and none of no values', () => {
    expect(edgesOf([5, 5, 5])).toEqual([])
    expect(edgesOf([])).toEqual([])
    expect(classOf(5, [])).toBe(1)
  })
})
