// What a tap becomes. A record is written once, at the tap, and never changes: the same id with other content is
// refused.
import { newId } from '@/ids'
import type { Schemas } from '@/api'

export type Handout = Schemas['Handout']
export type Visit = Schemas['Visit']
export type Correction = Schemas['Correction']
export type Channel = Handout['channel']
export type FirstCopyAnswer = NonNullable<Handout['first_copy_answer']>
export type VisitResult = Visit['result']
export type TapRecord = Handout | Visit | Correction

/** Whether the server kept a record as phones send them. It also keeps what nobody could read. */
export function isTap(record: unknown): record is TapRecord {
  const kinds: readonly unknown[] = ['handout', 'visit', 'correction']
  return typeof record === 'object' && record !== null && 'kind' in record && kinds.includes(record.kind)
}

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
