// The curve of copies and reach as a picture: pixels only, the figures are the server's.
import type { Schemas } from '@/api'
import { large, share } from '@/format'

export interface Curve {
  box: string
  left: number
  right: number
  bottom: number
  line: string
  band: string
  /** Height of the target, and place of the copies that reach it. */
  target: number
  needed: number | null
  xs: { at: number; text: string }[]
  ys: { at: number; text: string }[]
}

const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM] = [420, 190, 44, 12, 166]

/** Null where nothing can be drawn. */
export function curveOf(said: Schemas['SizingAnswer']): Curve | null {
  const last = said.points[said.points.length - 1]
  if (!last || last.copies <= 0) return null
  const top = Math.min(1, Math.ceil(Math.max(last.high, said.target_reach) * 5) / 5)
  const x = (copies: number) => LEFT + ((WIDTH - LEFT - 14) * copies) / last.copies
  const y = (reach: number) => BOTTOM - ((BOTTOM - TOP) * Math.min(reach, top)) / top
  const drawn = (points: [number, number][]) =>
    points.map(([at, up], index) => `${index ? 'L' : 'M'}${at.toFixed(1)} ${up.toFixed(1)}`).join('')
  const high = said.points.map((point): [number, number] => [x(point.copies), y(point.high)])
  const low = said.points.map((point): [number, number] => [x(point.copies), y(point.low)]).reverse()
  return {
    box: `0 0 ${WIDTH} ${HEIGHT}`,
    left: LEFT,
    right: WIDTH - 14,
    bottom: BOTTOM,
    line: drawn(said.points.map((point) => [x(point.copies), y(point.reach)])),
    band: `${drawn([...high, ...low])}Z`,
    target: y(said.target_reach),
    needed: said.needed_copies && said.needed_copies <= last.copies ? x(said.needed_copies) : null,
    xs: [0, 0.5, 1].map((part) => ({ at: x(last.copies * part), text: large(Math.round(last.copies * part)) })),
    ys: [0, 0.5, 1].map((part) => ({ at: y(top * part), text: share(top * part) })),
  }
}
