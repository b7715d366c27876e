// The rider's day as the phone keeps it: as it was read, or with the figures that came with the answer to a sync.
import type { Schemas } from '@/api'
import { dayOf } from '@/format'
import { happenedAt, type Correction, type Handout, type Visit, type Waiting } from './records'

type OwnDay = Schemas['OwnDay']
type OwnFigures = Schemas['OwnFigures']

/** As many confirmations as the server lists of a day; a longer day may hold what it does not list. */
const MOST_LISTED = 500

/** Every id the server has for the day, corrections included. */
export function idsOf(day: OwnDay | null): Set<string> {
  const rows = [...(day?.handouts ?? []), ...(day?.visits ?? [])]
  return new Set(rows.flatMap((each) => [each.id, ...each.corrections]))
}

/**
 * Which of the records answered before a day was asked for need not be counted here any more: those it lists, and those
 * it cannot list because they are of another day, or beyond the end of a long list.
 */
export function heldBy(day: OwnDay, answered: readonly Waiting[]): string[] {
  const ids = idsOf(day)
  const [fullHandouts, fullVisits] = [day.handouts.length >= MOST_LISTED, day.visits.length >= MOST_LISTED]
  const isHeld = ({ record }: Waiting): boolean =>
    ids.has(record.id) ||
    (record.kind === 'correction'
      ? !ids.has(record.corrects_id) && !missing.has(record.corrects_id)
      : dayOf(happenedAt(record)) !== day.day || (record.kind === 'handout' ? fullHandouts : fullVisits))
  const missing = new Set<string>()
  for (const each of answered) if (each.record.kind !== 'correction' && !isHeld(each)) missing.add(each.id)
  return answered.filter(isHeld).map((each) => each.id)
}

/**
 * The day with newer figures, which hold these records; the phone lists them itself. Null when the figures are another
 * rider's, or of a day whose list the phone has not read.
 */
export function dayWith(
  before: OwnDay | null,
  figures: OwnFigures,
  riderId: string,
  sent: readonly Waiting[],
): OwnDay | null {
  if (!before || before.day !== figures.day || figures.rider_id !== riderId || before.rider_id !== riderId) return null
  const known = idsOf(before)
  const records = sent.map((each) => each.record).filter((record) => !known.has(record.id))
  const ofToday = <T extends Handout | Visit>(record: T): boolean => dayOf(happenedAt(record)) === figures.day
  const handouts = records.filter((each): each is Handout => each.kind === 'handout').filter(ofToday)
  const visits = records.filter((each): each is Visit => each.kind === 'visit').filter(ofToday)
  const corrections = records.filter((each): each is Correction => each.kind === 'correction')
  return {
    ...before,
    ...figures,
    handouts: [...before.handouts, ...handouts.map((each) => ({ ...each, ...UNCORRECTED }))].map((row) =>
      withCorrections(row, row.copies, corrections),
    ),
    visits: [...before.visits, ...visits.map((each) => ({ ...each, ...UNCORRECTED }))].map((row) =>
      withCorrections(row, row.visits, corrections),
    ),
  }
}

const UNCORRECTED = { corrected: 0, corrections: [] as string[] }

/** A phone takes back all that is left of a record. */
function withCorrections<T extends { id: string; corrections: string[]; corrected: number }>(
  row: T,
  all: number,
  corrections: readonly Correction[],
): T {
  const ids = corrections.filter((each) => each.corrects_id === row.id).map((each) => each.id)
  return ids.length ? { ...row, corrected: all, corrections: [...row.corrections, ...ids] } : row
}
