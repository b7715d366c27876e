// What both drawings of a map need of its zones: where they lie, how they project, where a name fits.
import type { Schemas } from '@/api'

export type Position = readonly [number, number]
export type Outline = Schemas['Outline']

/** A zone as a map draws it. Coordinates are in the city's datum, longitude first. */
export interface ZoneShape {
  code: string
  name: string
  geometry: Outline
}

/** West, south, east, north in degrees. */
export type Bounds = readonly [number, number, number, number]

/** Every ring of a polygon or several. */
export function ringsOf(geometry: Outline): Position[][] {
  return geometry.type === 'Polygon'
    ? (geometry.coordinates as Position[][])
    : (geometry.coordinates as Position[][][]).flat()
}

/** The box that holds the shapes; null when there are none. */
export function boundsOf(shapes: readonly { geometry: Outline }[]): Bounds | null {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const shape of shapes)
    for (const ring of ringsOf(shape.geometry))
      for (const [longitude, latitude] of ring) {
        if (longitude < west) west = longitude
        if (longitude > east) east = longitude
        if (latitude < south) south = latitude
        if (latitude > north) north = latitude
      }
  return west <= east ? [west, south, east, north] : null
}

/** Web Mercator in degrees, y growing southwards: at the size of a city the shapes are true. */
export const project = ([longitude, latitude]: Position): [number, number] => [
  longitude,
  (-180 / Math.PI) * Math.log(Math.tan(Math.PI / 4 + (latitude * Math.PI) / 360)),
]

/** Pixels kept free at the edges of the drawing: top, right, bottom, left. */
export type Margins = readonly [number, number, number, number]

/** How a box of the map is placed in a box of the screen: centred between the margins, as large as it fits. */
export interface Placing {
  scale: number
  left: number
  top: number
}

export function placing(
  bounds: Bounds,
  width: number,
  height: number,
  [above, beyond, below, before]: Margins,
): Placing {
  const [left, bottom] = project([bounds[0], bounds[1]])
  const [right, top] = project([bounds[2], bounds[3]])
  const across = Math.max(right - left, 1e-9)
  const down = Math.max(bottom - top, 1e-9)
  const scale = Math.max(1e-9, Math.min((width - before - beyond) / across, (height - above - below) / down))
  return {
    scale,
    left: (before + width - beyond - across * scale) / 2 - left * scale,
    top: (above + height - below - down * scale) / 2 - top * scale,
  }
}

/** The `d` of an SVG path of a shape. */
export function pathOf(geometry: Outline, { scale, left, top }: Placing): string {
  return ringsOf(geometry)
    .map((ring) => {
      let last = ''
      const points: string[] = []
      for (const position of ring) {
        const [x, y] = project(position)
        const point = `${(x * scale + left).toFixed(1)} ${(y * scale + top).toFixed(1)}`
        if (point !== last) points.push((last = point))
      }
      return `M${points.join('L')}Z`
    })
    .join('')
}

/** Twice the signed area of a ring. */
function area(ring: readonly Position[]): number {
  let sum = 0
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++)
    sum += (ring[j]![0] - ring[i]![0]) * (ring[j]![1] + ring[i]![1])
  return sum
}

/** A place inside the largest part of a shape, where its name or a mark fits: the middle of its widest cut. */
export function middleOf(geometry: Outline): Position {
  const parts =
    geometry.type === 'Polygon' ? [geometry.coordinates as Position[][]] : (geometry.coordinates as Position[][][])
  const largest = parts.reduce((best, part) => (Math.abs(area(part[0]!)) > Math.abs(area(best[0]!)) ? part : best))
  const box = boundsOf([{ geometry: { type: 'Polygon', coordinates: [largest[0]!] } }])!
  let best: [number, Position] = [-1, [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]]
  for (const share of [0.5, 0.42, 0.58, 0.34, 0.66]) {
    const latitude = box[1] + (box[3] - box[1]) * share
    const cuts = crossings(largest, latitude)
    for (let i = 0; i + 1 < cuts.length; i += 2) {
      const wide = cuts[i + 1]! - cuts[i]!
      // A cut nearer the middle is worth a little width.
      if (wide * (1 - Math.abs(share - 0.5)) > best[0])
        best = [wide * (1 - Math.abs(share - 0.5)), [(cuts[i]! + cuts[i + 1]!) / 2, latitude]]
    }
  }
  return best[1]
}

/** Longitudes at which the rings cross a parallel, ascending. */
function crossings(rings: readonly (readonly Position[])[], latitude: number): number[] {
  const longitudes: number[] = []
  for (const ring of rings)
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [from, to] = [ring[j]!, ring[i]!]
      if (from[1] > latitude !== to[1] > latitude)
        longitudes.push(from[0] + ((latitude - from[1]) / (to[1] - from[1])) * (to[0] - from[0]))
    }
  return longitudes.sort((a, b) => a - b)
}

/** The zones of a collection the server sent. */
export function shapesOf(
  features: readonly { id: string; geometry: Outline; properties: { name: string } }[],
): ZoneShape[] {
  return features.map(({ id, geometry, properties }) => ({ code: id, name: properties.name, geometry }))
}
