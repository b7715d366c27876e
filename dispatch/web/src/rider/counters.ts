// The rider's figures, derived each time from the day that was read last and from what of this phone it does not hold
// yet: what waits, what the server has answered for since, and what it refused for now. None is stored by itself, and
// none falls because an answer is lost, late, or given twice.
import type { Schemas } from '@/api'
import { idsOf } from './own-day'
import {
  happenedAt,
  type Correction,
  type Handout,
  type Refused,
  type TapRecord,
  type Visit,
  type Waiting,
} from './records'

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
  /** The server has it, but could not count it yet. */
  refused: boolean
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
  refused: readonly Refused[],
  today: string,
  dayOf: (at: string) => string,
): Figures {
  const server = day && day.day === today ? day : null
  const known = idsOf(day)
  // A record whose answer was lost is in both places; it counts where the server has it.
  const here = [...unique([...waiting, ...refused.filter(counts)])].filter(({ record }) => !known.has(record.id))
  const records = here.map((each) => each.record)
  const tally: Tally = {
    done: server?.handed_out ?? 0,
    left: new Map((day?.holdings ?? []).map((each) => [each.material_id, each.quantity])),
    lines: new Map(linesOf(server).map((each) => [each.id, each])),
  }
  for (const each of here) addTap(tally, each, dayOf(happenedAt(each.record)) === today)
  for (const each of here) if (each.record.kind === 'correction') takeBack(tally, each.record, each, records)
  const lines = Array.from(tally.lines.values()).sort(newestFirst)
  const doors = (result: string) =>
    lines.filter((each) => each.record.result === result).reduce((sum, each) => sum + each.count, 0)
  const { done, left } = tally
  return { done, left, declined: doors('declined'), nobodyReached: doors('nobody_reached'), lines }
}

/** The lines of one hour of the day, with what still counts of them. */
export interface Hour {
  hour: string
  lines: DayLine[]
  copies: number
  doors: number
}

/** The lines by hour, in the order they come. */
export function hoursOf(lines: readonly DayLine[], hourOf: (at: string) => string): Hour[] {
  const hours = new Map<string, Hour>()
  for (const line of lines) {
    const hour = hourOf(line.at)
    const held = hours.get(hour) ?? { hour, lines: [], copies: 0, doors: 0 }
    held.lines.push(line)
    held[line.kind === 'handout' ? 'copies' : 'doors'] += line.count
    hours.set(hour, held)
  }
  return Array.from(hours.values())
}

const newestFirst = (one: DayLine, other: DayLine): number =>
  one.at < other.at || (one.at === other.at && one.id < other.id) ? 1 : -1

/**
 * What was handed out stays so while the server cannot count it yet: the rider who saw the figure fall would enter it
 * again, and both would count one day. Only what came after the rider had left never counts.
 */
const counts = (each: Refused): boolean => each.slug !== 'consent-withdrawn'

/** In the moment in which one page moves a record another one may read it in both places. */
const unique = (all: (Waiting | Refused)[]) => new Map(all.map((each) => [each.id, each])).values()
const waits = (each: Waiting | Refused): boolean => !('slug' in each) && !each.answered

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

function addTap(tally: Tally, each: Waiting | Refused, isToday: boolean): void {
  const { record } = each
  const state = { waits: waits(each), refused: 'slug' in each }
  if (record.kind === 'handout') {
    subtract(tally, record.material_id, record.copies)
    if (!isToday) return
    tally.done += record.copies
    tally.lines.set(record.id, { ...lineOfHandout(record), ...state })
  } else if (record.kind === 'visit' && isToday) tally.lines.set(record.id, { ...lineOfVisit(record), ...state })
}

function takeBack(
  tally: Tally,
  { corrects_id: id }: Correction,
  by: Waiting | Refused,
  here: readonly TapRecord[],
): void {
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
  target.waits ||= waits(by)
}

function subtract({ left }: Tally, materialId: string, copies: number): void {
  if (left.has(materialId)) left.set(materialId, left.get(materialId)! - copies)
}

function handoutLine(id: string, materialId: string, channel: string, count: number, at: string): DayLine {
  const record = { materialId, channel, result: null }
  return { id, kind: 'handout', record, count, taken: 0, at: new Date(at).toISOString(), ...RECORDED }
}
function visitLine(id: string, result: string, count: number, at: string): DayLine {
  const record = { materialId: null, channel: null, result }
  return { id, kind: 'visit', record, count, taken: 0, at: new Date(at).toISOString(), ...RECORDED }
}
const RECORDED = { waits: false, refused: false }
const lineOfHandout = (record: Handout): DayLine =>
  handoutLine(record.id, record.material_id, record.channel, record.copies, record.handed_out_at)
const lineOfVisit = (record: Visit): DayLine => visitLine(record.id, record.result, record.visits, record.visited_at)
