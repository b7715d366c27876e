// The rider's figures, derived each time from what the server counted and what still waits here. No figure is kept beside its records.
import type { Schemas } from '@/api'
import { happenedAt, type Handout, type TapRecord, type Visit, type Waiting } from './records'

type OwnDay = Schemas['OwnDay']

/** One line of the own day, wherever it stands now. */
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

/** `today` is the city's day now; `dayOf` gives an instant's. `day` may be yesterday's: then only its holdings still mean something. */
export function figuresOf(
  day: OwnDay | null,
  waiting: readonly Waiting[],
  today: string,
  dayOf: (at: string) => string,
): Figures {
  const server = day && day.day === today ? day : null
  const known = new Set<string>()
  for (const each of day?.handouts ?? []) [each.id, ...each.corrections].forEach((id) => known.add(id))
  for (const each of day?.visits ?? []) [each.id, ...each.corrections].forEach((id) => known.add(id))
  // A record whose answer was lost is in both places; it counts where the server has it.
  const here = waiting.map((each) => each.record).filter((record) => !known.has(record.id))
  const lines = new Map<string, DayLine>()
  for (const each of server?.handouts ?? [])
    lines.set(
      each.id,
      line(
        each.id,
        'handout',
        { materialId: each.material_id, channel: each.channel, result: null },
        each.copies,
        each.corrected,
        each.handed_out_at,
        false,
      ),
    )
  for (const each of server?.visits ?? [])
    lines.set(
      each.id,
      line(
        each.id,
        'visit',
        { materialId: null, channel: null, result: each.result },
        each.visits,
        each.corrected,
        each.visited_at,
        false,
      ),
    )
  const left = new Map((day?.holdings ?? []).map((each) => [each.material_id, each.quantity]))
  const taken = (materialId: string, copies: number) =>
    left.has(materialId) && left.set(materialId, left.get(materialId)! - copies)
  let done = server?.handed_out ?? 0
  const counts = (record: TapRecord) => dayOf(happenedAt(record)) === today
  for (const record of here) {
    if (record.kind === 'handout') {
      taken(record.material_id, record.copies)
      if (!counts(record)) continue
      done += record.copies
      lines.set(record.id, ofHandout(record))
    } else if (record.kind === 'visit') {
      if (counts(record)) lines.set(record.id, ofVisit(record))
    }
  }
  for (const record of here) {
    if (record.kind !== 'correction') continue
    const target = lines.get(record.corrects_id)
    if (!target) {
      const older = here.find((each) => each.id === record.corrects_id)
      if (older?.kind === 'handout') taken(older.material_id, -older.copies)
      continue
    }
    if (target.kind === 'handout') {
      done -= target.count
      taken(target.record.materialId!, -target.count)
    }
    target.taken += target.count
    target.count = 0
    target.waits = true
  }
  const sorted = Array.from(lines.values()).sort((one, other) =>
    one.at < other.at || (one.at === other.at && one.id < other.id) ? 1 : -1,
  )
  const doors = (result: string) =>
    sorted.filter((each) => each.record.result === result).reduce((sum, each) => sum + each.count, 0)
  return { done, left, declined: doors('declined'), nobodyReached: doors('nobody_reached'), lines: sorted }
}

function line(
  id: string,
  kind: DayLine['kind'],
  record: DayLine['record'],
  count: number,
  taken: number,
  at: string,
  waits: boolean,
): DayLine {
  return { id, kind, record, count: count - taken, taken, at: new Date(at).toISOString(), waits }
}
const ofHandout = (record: Handout): DayLine =>
  line(
    record.id,
    'handout',
    { materialId: record.material_id, channel: record.channel, result: null },
    record.copies,
    0,
    record.handed_out_at,
    true,
  )
const ofVisit = (record: Visit): DayLine =>
  line(
    record.id,
    'visit',
    { materialId: null, channel: null, result: record.result },
    record.visits,
    0,
    record.visited_at,
    true,
  )
