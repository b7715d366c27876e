// What a batch on offer would fill, and what is open and held in each zone.
import type { Schemas } from '@/api'

type Batch = Schemas['Batch']
/** The plan's reason is one Chinese sentence; the words of a planner who changed it follow this. */
const BY_HAND = /\u4eba\u5de5\u8c03\u6574\uff1a(.*)$/

/** Households without a copy that the batch would reach, and why the plan was changed by hand, if it was. */
export function fillOf(batch: Pick<Batch, 'unreached_households' | 'priority_reason'>): {
  households: number | null
  byHand: string | null
} {
  return { households: batch.unreached_households, byHand: BY_HAND.exec(batch.priority_reason)?.[1] ?? null }
}

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
