// The rider's figures, derived each time from what the server counted and what still waits here: none is stored by
// itself.
import type { Schemas } from '@/api'
import { happenedAt, type Correction, type Handout, type TapRecord, type Visit, type Waiting } from './records'

type OwnDay = Schemas['OwnDay']

/** One line of the rider's day, on the server or still on this phone. */
export interface DayLine {
  id: string
  kind: 'handout' | 'visit'
  record: { materialId: string | null; channel: string | null; result: string | null }
  /** Copies, or doors, that still count. */
  count: number
  taken: number
  at: string
  /** On this phone only, so far. */
  waits: boolean
}

export interface Figures {
  done: number
  /** Copies left, by material. */
  left: Map<string, number>
  declined: number
  nobodyReached: number
  /** Newest first. */
  lines: DayLine[]
}

/** The figures while they are being added up. */
interface Tally {
  done: number
  left: Map<string, number>
  lines: Map<string, DayLine>
}

/**
 * `today` is the city's day now; `dayOf` gives an instant's. `day` may be yesterday's: then only its holdings
 * still count.
 */
export function figuresOf(
  day: OwnDay | null,
  waiting: readonly Waiting[],
  today: string,
  dayOf: (at: string) => string,
): Figures {
  const server = day && day.day === today ? day : null
  const known = idsOf(day)
  // A record whose answer was lost is in both places; it counts where the server has it.
  const here = waiting.map((each) => each.record).filter((record) => !known.has(record.id))
  const tally: Tally = {
    done: server?.handed_out ?? 0,
    left: new Map((day?.holdings ?? []).map((each) => [each.material_id, each.quantity])),
    lines: new Map(linesOf(server).map((each) => [each.id, each])),
  }
  for (const record of here) addTap(tally, record, dayOf(happenedAt(record)) === today)
  for (const record of here) if (record.kind === 'correction') takeBack(tally, record, here)
  const lines = Array.from(tally.lines.values()).sort(newestFirst)
  const doors = (result: string) =>
    lines.filter((each) => each.record.result === result).reduce((sum, each) => sum + each.count, 0)
  const { done, left } = tally
  return { done, left, declined: doors('declined'), nobodyReached: doors('nobody_reached'), lines }
}

const newestFirst = (one: DayLine, other: DayLine): number =>
  one.at < other.at || (one.at === other.at && one.id < other.id) ? 1 : -1

/** Every id the server has for the day, corrections included. */
function idsOf(day: OwnDay | null): Set<string> {
  const rows = [...(day?.handouts ?? []), ...(day?.visits ?? [])]
  return new Set(rows.flatMap((each) => [each.id, ...each.corrections]))
}

/** The server's lines of the day. */
function linesOf(server: OwnDay | null): DayLine[] {
  const handouts = (server?.handouts ?? []).map((each) => ({
    ...handoutLine(each.id, each.material_id, each.channel, each.copies, each.handed_out_at),
    ...lessCorrected(each.copies, each.corrected),
  }))
  const visits = (server?.visits ?? []).map((each) => ({
    ...visitLine(each.id, each.result, each.visits, each.visited_at),
    ...lessCorrected(each.visits, each.corrected),
  }))
  return [...handouts, ...visits]
}

const lessCorrected = (count: number, corrected: number) => ({ count: count - corrected, taken: corrected })

function addTap(tally: Tally, record: TapRecord, isToday: boolean): void {
  if (record.kind === 'handout') {
    subtract(tally, record.material_id, record.copies)
    if (!isToday) return
    tally.done += record.copies
    tally.lines.set(record.id, lineOfHandout(record))
  } else if (record.kind === 'visit' && isToday) tally.lines.set(record.id, lineOfVisit(record))
}

function takeBack(tally: Tally, { corrects_id: id }: Correction, here: readonly TapRecord[]): void {
  const target = tally.lines.get(id)
  if (!target) {
    const older = here.find((each) => each.id === id)
    if (older?.kind === 'handout') subtract(tally, older.material_id, -older.copies)
    return
  }
  if (target.kind === 'handout') {
    tally.done -= target.count
    subtract(tally, target.record.materialId!, -target.count)
  }
  target.taken += target.count
  target.count = 0
  target.waits = true
}

function subtract({ left }: Tally, materialId: string, copies: number): void {
  if (left.has(materialId)) left.set(materialId, left.get(materialId)! - copies)
}

function handoutLine(id: string, materialId: string, channel: string, count: number, at: string): DayLine {
  const record = { materialId, channel, result: null }
  return { id, kind: 'handout', record, count, taken: 0, at: new Date(at).toISOString(), waits: false }
}
function visitLine(id: string, result: string, count: number, at: string): DayLine {
  const record = { materialId: null, channel: null, result }
  return { id, kind: 'visit', record, count, taken: 0, at: new Date(at).toISOString(), waits: false }
}
const lineOfHandout = (record: Handout): DayLine => ({
  ...handoutLine(record.id, record.material_id, record.channel, record.copies, record.handed_out_at),
  waits: true,
})
const lineOfVisit = (record: Visit): DayLine => ({
  ...visitLine(record.id, record.result, record.visits, record.visited_at),
  waits: true,
})
