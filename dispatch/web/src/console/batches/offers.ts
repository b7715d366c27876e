// What is open and held in each zone.
import type { Schemas } from '@/api'

type Batch = Schemas['Batch']
/** Copies in a zone that could be claimed, and copies of the firm's own claims. */
export interface OfferedZone {
  open: number
  held: number
}

/** The zones with offers or own claims, by code. */
export function zonesOf(open: readonly Batch[], mine: readonly Batch[]): Map<string, OfferedZone> {
  const zones = new Map<string, OfferedZone>()
  const at = (code: string) => zones.get(code) ?? zones.set(code, { open: 0, held: 0 }).get(code)!
  for (const batch of open) at(batch.zone_code).open += batch.copies_open
  for (const batch of mine) at(batch.zone_code).held += batch.claim?.copies ?? 0
  return zones
}
