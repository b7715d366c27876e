import { expect, it } from 'vitest'
import { segmentsOf, sumOf, type Whereabouts } from './law'

const law = (more: Partial<Whereabouts> = {}): Whereabouts => ({
  printed: 100,
  in_depots: 40,
  in_transit: 0,
  with_outlets: 20,
  with_riders: 10,
  handed_out: 25,
  activities: 0,
  written_off: 3,
  variance: 2,
  balanced: true,
  ...more,
})
const near = (value: number) => Math.round(value * 1e9) / 1e9

it('fills the bar from end to end, without the parts that hold nothing', () => {
  const { segments, printed } = segmentsOf(law())
  expect(segments.map((each) => each.part)).toEqual([
    'in_depots',
    'with_outlets',
    'with_riders',
    'handed_out',
    'written_off',
    'variance',
  ])
  expect(near(segments.reduce((sum, each) => sum + each.width, 0))).toBe(1)
  expect(printed).toBe(1)
})

it('shows what was found too much beyond the mark of what was printed', () => {
  const sums = law({ in_depots: 45, variance: -3 })
  expect(sumOf(sums)).toBe(sums.printed)
  const { segments, printed, longest } = segmentsOf(sums)
  const last = segments[segments.length - 1]!
  expect(longest).toBe(103)
  expect([last.part, last.copies, near(last.from), near(last.from + last.width)]).toEqual([
    'variance',
    -3,
    near(printed),
    1,
  ])
})

it('draws an empty bar while nothing is printed', () => {
  const none = law({
    printed: 0,
    in_depots: 0,
    with_outlets: 0,
    with_riders: 0,
    handed_out: 0,
    written_off: 0,
    variance: 0,
  })
  expect(segmentsOf(none).segments).toEqual([])
})
