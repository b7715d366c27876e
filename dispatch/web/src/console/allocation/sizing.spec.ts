import { describe, expect, it } from 'vitest'
import type { Schemas } from '@/api'
import { curveOf } from './sizing'

const point = (copies: number, reach: number) => ({ copies, reach, low: reach * 0.8, high: reach * 1.1, cost: null })
const said = (more: Partial<Schemas['SizingAnswer']> = {}): Schemas['SizingAnswer'] => ({
  target_reach: 0.45,
  households: 1000,
  handed_out_copies: 0,
  promised_copies: 0,
  bundle_copies: 50,
  now: point(0, 0),
  needed_copies: 1050,
  needed_low: 900,
  needed_high: 1500,
  cost: null,
  obstacle: null,
  left_copies: null,
  capacity_copies: 0,
  points: [point(0, 0), point(1050, 0.45), point(2100, 0.6)],
  asked: null,
  zones: [],
  ...more,
})

describe('the curve of copies and reach', () => {
  it('marks the copies that reach the target where the curve crosses it', () => {
    const drawn = curveOf(said())!
    const [, middle] = drawn.line.match(/L([\d.]+) ([\d.]+)/)!.map(Number)
    expect(drawn.needed).toBeCloseTo(middle!, 0)
  })
  it('marks nothing where no number of copies is enough', () => {
    expect(curveOf(said({ needed_copies: null, obstacle: 'everybody', target_reach: 1 }))!.needed).toBeNull()
  })
  it('is left out where nobody lives', () => {
    expect(curveOf(said({ points: [], obstacle: 'no_households' }))).toBeNull()
  })
})
