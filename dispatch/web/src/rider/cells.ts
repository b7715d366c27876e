// Which map cell the phone is in: the nearest of the pack's cell centres, without a map library or the network.
import { fromWgs84, type Datum, type Place } from './datum'

export type PackCell = readonly [cell: string, longitude: number, latitude: number]

/** A cell of resolution 9 reaches some 200 m from its centre; beyond this the place is in none of these cells. */
const FARTHEST_METRES = 260
/** A position vaguer than this says nothing about a cell. */
const VAGUEST_METRES = 150
const METRES_PER_DEGREE = 111_320

/** The cell a position of the phone (WGS-84) lies in; null when it lies in none, or is too vague to say. */
export function cellOf(place: Place, accuracyMetres: number, datum: Datum, cells: readonly PackCell[]): string | null {
  if (!(accuracyMetres <= VAGUEST_METRES)) return null
  const [longitude, latitude] = fromWgs84(place, datum)
  const across = METRES_PER_DEGREE * Math.cos((latitude * Math.PI) / 180)
  let nearest: string | null = null
  let least = FARTHEST_METRES
  for (const [cell, east, north] of cells) {
    const metres = Math.hypot((east - longitude) * across, (north - latitude) * METRES_PER_DEGREE)
    if (metres < least) [nearest, least] = [cell, metres]
  }
  return nearest
}
