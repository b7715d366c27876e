// The balance law as a picture: parts that together are exactly what was printed.
import type { Schemas } from '@/api'

export type Whereabouts = Schemas['Whereabouts']
export const PARTS = [
  'in_depots',
  'in_transit',
  'with_outlets',
  'with_riders',
  'handed_out',
  'activities',
  'written_off',
  'variance',
] as const
export type Part = (typeof PARTS)[number]

export interface Segment {
  part: Part
  copies: number
  /** Left edge and width as shares of the bar. */
  from: number
  width: number
}

/**
 * Segments of a bar. More found than should be there is a variance below zero: it takes from the bar's end what the
 * others have too much, so `printed` marks where the copies that were printed end. `longest` is what the bar's whole
 * length means.
 */
export function segmentsOf(law: Whereabouts): { segments: Segment[]; printed: number; longest: number } {
  const present = PARTS.reduce((sum, part) => sum + Math.max(0, law[part]), 0)
  const longest = Math.max(present, law.printed, 1)
  let at = 0
  const segments = PARTS.filter((part) => law[part] > 0).map((part) => {
    const segment = { part, copies: law[part], from: at / longest, width: law[part] / longest }
    at += law[part]
    return segment
  })
  if (law.variance < 0)
    segments.push({
      part: 'variance',
      copies: law.variance,
      from: law.printed / longest,
      width: -law.variance / longest,
    })
  return { segments, printed: law.printed / longest, longest }
}

/** What all the parts come to; the law holds when it is what was printed. */
export const sumOf = (law: Whereabouts): number => PARTS.reduce((sum, part) => sum + law[part], 0)
