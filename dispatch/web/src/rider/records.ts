// What a tap becomes. A record is written once, at the tap, and never changes: the same id with other content is
// refused.
import { newId } from '@/ids'
import type { Schemas } from '@/api'

// The contract leaves the records of a sync open, because each is judged separately; these are the structs of its
// slice.
export type Channel = Schemas['Holding']['channels'][number]
export type FirstCopyAnswer = 'yes' | 'no' | 'unknown'
export type VisitResult = Schemas['OwnVisit']['result']

export interface Handout {
  kind: 'handout'
  id: string
  campaign_id: string
  material_id: string
  channel: Channel
  copies: number
  handed_out_at: string
  zone_id?: string
  cell?: string
  first_copy_answer?: FirstCopyAnswer
}
export interface Visit {
  kind: 'visit'
  id: string
  campaign_id: string
  result: VisitResult
  visits: number
  visited_at: string
  zone_id?: string
  cell?: string
}
export interface Correction {
  kind: 'correction'
  id: string
  corrects_id: string
  reason: string
  corrected_at: string
}
export type TapRecord = Handout | Visit | Correction

/** A record on this phone that the server has not answered for yet, or not with a day that holds it. */
export interface Waiting {
  id: string
  /** Whose tap it is: a phone may be shared. */
  riderId: string
  record: TapRecord
  /**
   * While the first-copy question is on the screen: not sent before this time (ms, the phone's own clock) or its
   * answer.
   */
  askUntil?: number
  /**
   * The server has it, but no day read since holds it: it still counts here and is not sent again. Kept among those
   * that wait, where an earlier version of this page would at worst send it again, which is harmless.
   */
  answered?: true
}

/** A record the server could not take, with its reason. The server keeps it too. */
export interface Refused {
  id: string
  riderId: string
  record: TapRecord
  slug: string
  facts: Record<string, unknown>
}

/** The most copies one record may hold; more is several records. */
export const MOST_COPIES = 500
export const UNDO_MILLISECONDS = 10 * 60_000

export interface Where {
  cell: string | null
  zoneId: string | null
}

const placed = ({ cell, zoneId }: Where) => (cell ? { cell } : zoneId ? { zone_id: zoneId } : {})

export function handoutRecord(
  now: number,
  where: Where,
  what: { campaignId: string; materialId: string; channel: Channel; copies: number },
): Handout {
  return {
    kind: 'handout',
    id: newId(now),
    campaign_id: what.campaignId,
    material_id: what.materialId,
    channel: what.channel,
    copies: what.copies,
    handed_out_at: new Date(now).toISOString(),
    ...placed(where),
  }
}

export function visitRecord(now: number, where: Where, campaignId: string, result: VisitResult, visits: number): Visit {
  return {
    kind: 'visit',
    id: newId(now),
    campaign_id: campaignId,
    result,
    visits,
    visited_at: new Date(now).toISOString(),
    ...placed(where),
  }
}

/** Takes an earlier record back. Its id is later than the other's, so that both are sent in this order. */
export function correctionRecord(now: number, correctsId: string, reason: string): Correction {
  const at = Math.max(now, timeOf(correctsId) + 1)
  return {
    kind: 'correction',
    id: newId(at),
    corrects_id: correctsId,
    reason,
    corrected_at: new Date(now).toISOString(),
  }
}

/** The time inside a UUIDv7, in milliseconds. */
export const timeOf = (id: string): number => parseInt(id.replace(/-/g, '').slice(0, 12), 16)

/** When a record says it happened. */
export const happenedAt = (record: TapRecord): string =>
  record.kind === 'handout' ? record.handed_out_at : record.kind === 'visit' ? record.visited_at : record.corrected_at
