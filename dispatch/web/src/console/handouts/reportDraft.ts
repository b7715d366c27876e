// A day's report before it is sent: what was typed, under which ids it goes, what became of it.
import type { Schemas } from '@/api'
import { FIGURE, TOTAL_ROW } from './messages.pasted'

export type Report = Schemas['ReportedHandout']
export type Channel = Report['channel']

export interface Cell {
  text: string
  /**
   * Made when the cell is first sent, and kept until it is recorded: a retry, or a corrected number, is the same
   * report.
   */
  id?: string
  /** Sent without an answer so far: goes again exactly so, and is not changed meanwhile. */
  pending?: { copies: number; channel: Channel }
  /** Slug of the refusal, and the server's words. */
  refusal?: { slug: string; detail: string }
}
/** By `keyOf(zone or rider, material)`. */
export type Draft = Record<string, Cell>

export const keyOf = (zone: string, material: string): string => `${zone}|${material}`
export const partsOf = (key: string): [zone: string, material: string] => key.split('|') as [string, string]

/**
 * Copies somebody typed: full-width figures and separators are figures too. Empty is 0; null is no number of copies.
 */
export function copiesIn(text: string): number | null {
  const plain = text
    .replace(/[\uff10-\uff19]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replace(/[\s,\uff0c\u4efd]/g, '')
  if (plain === '') return 0
  return /^\d{1,6}$/.test(plain) && Number(plain) <= 100_000 ? Number(plain) : null
}

/** Copies a cell adds to the sums: what was sent counts as it was sent. */
export const copiesOf = (draft: Draft, key: string): number =>
  draft[key]?.pending?.copies ?? copiesIn(draft[key]?.text ?? '') ?? 0

/** Cells that were emptied although the server keeps what was sent from them: that is to be withdrawn. */
export const toWithdraw = (draft: Draft): string[] =>
  Object.keys(draft).filter((key) => draft[key]!.id && !draft[key]!.pending && !draft[key]!.text.trim())

export const isFaulty = (cell: Cell): boolean => copiesIn(cell.text) === null
/** Cells with something to send, in the order of the sheet. */
export const toSend = (draft: Draft, order: readonly string[]): string[] =>
  order.filter((key) => draft[key] && (draft[key]!.pending || (copiesIn(draft[key]!.text) ?? 0) > 0))

export interface Sheet {
  outlet: string
  /** The zone of the whole sheet, whose rows are riders; without one the rows are zones. */
  zone?: string
  day: string
  channelOf: (material: string) => Channel
  newId: () => string
}
/** The cells as records. Each gets its id, and is frozen until there is an answer. */
export function recordsOf(draft: Draft, keys: readonly string[], sheet: Sheet): Report[] {
  return keys.map((key) => {
    const cell = draft[key]!
    const [row, material_code] = partsOf(key)
    cell.id ??= sheet.newId()
    cell.pending ??= { copies: copiesIn(cell.text)!, channel: sheet.channelOf(material_code) }
    delete cell.refusal
    return {
      id: cell.id,
      material_code,
      channel: cell.pending.channel,
      copies: cell.pending.copies,
      ...(sheet.zone === undefined
        ? { outlet_code: sheet.outlet, zone_code: row }
        : { rider_code: row, zone_code: sheet.zone }),
      day: sheet.day,
    }
  })
}

/**
 * Take the verdicts: what is recorded leaves the draft, what is refused stays with its reason. Returns copies
 * recorded, by key.
 */
export function settle(
  draft: Draft,
  keys: readonly string[],
  outcomes: readonly Schemas['Outcome'][],
): Map<string, number> {
  const recorded = new Map<string, number>()
  keys.forEach((key, index) => {
    const cell = draft[key]
    const outcome = outcomes[index]
    if (!cell || !outcome) return
    const copies = cell.pending?.copies ?? 0
    delete cell.pending
    if (outcome.outcome === 'rejected') {
      const problem = outcome.problem
      cell.refusal = {
        slug: String(problem?.type ?? '').replace(/^.*\/problems\//, ''),
        detail: String(problem?.detail ?? ''),
      }
    } else {
      delete draft[key]
      recorded.set(key, copies)
    }
  })
  return recorded
}

export interface Axis {
  code: string
  name: string
}
export interface Pasted {
  /** What is no number of copies comes along as it is, to be said in its cell. */
  cells: { zone: string; material: string; text: string }[]
  /** Rows that name none of the sheet's, as pasted. */
  unknown: string[]
  /** Rows whose name several have: only a code tells them apart. */
  ambiguous: string[]
  /** Rows of sums, which are not entered. */
  totals: string[]
  /** Figures for which the sheet has no column or row. */
  beyond: string[]
}

/** The one with this code, else the only one with this name; null: several have the name. */
function find(axis: readonly Axis[], word: string): Axis | null | undefined {
  const byCode = axis.find((each) => each.code === word)
  if (byCode) return byCode
  const named = axis.filter((each) => each.name === word)
  return named.length > 1 ? null : named[0]
}

/**
 * A range copied from a sheet: with names or codes in its first column it finds its rows by itself, else it begins at
 * the cell `at`. Nothing of it is dropped without being named in the result.
 */
export function pasted(
  text: string,
  zones: readonly Axis[],
  materials: readonly Axis[],
  at: { zone: string; material: string },
  all: readonly Axis[] = zones,
): Pasted {
  const lines = text
    .replace(/\r/g, '')
    .replace(/\n+$/, '')
    .split('\n')
    .map((line) => line.split('\t').map((each) => each.trim()))
  const header = lines[0]!.map((word) => find(materials, word))
  const hasHeader = header.some(Boolean)
  const body = hasHeader ? lines.slice(1) : lines
  const first = Math.max(
    0,
    materials.findIndex((each) => each.code === at.material),
  )
  const start = Math.max(
    0,
    zones.findIndex((each) => each.code === at.zone),
  )
  const isFigure = (word: string) => word === '' || FIGURE.test(word)
  const named = body.some((line) => line.length > 1 && (!isFigure(line[0]!) || find(all, line[0]!) !== undefined))
  const result: Pasted = { cells: [], unknown: [], ambiguous: [], totals: [], beyond: [] }
  body.forEach((line, row) => {
    const said = line.filter(Boolean).join(' ')
    if (!said) return
    if (TOTAL_ROW.test(line.find(Boolean)!)) return void result.totals.push(said)
    const labels = named ? [find(all, line[0]!), line.length > 2 ? find(all, line[1]!) : undefined] : []
    const zone = named ? (labels.find(Boolean) ?? null) : zones[start + row]
    if (!zone) {
      result[labels.includes(null) ? 'ambiguous' : named ? 'unknown' : 'beyond'].push(said)
      return
    }
    // A name may follow the code, or a code the name; the figures begin after both.
    const skip = named ? (line.length > 2 && isLabel(zone, line[1]!) ? 2 : 1) : 0
    line.forEach((word, column) => {
      if (column < skip || word === '') return
      const material = hasHeader ? header[column] : materials[(named ? 0 : first) + column - skip]
      if (material) result.cells.push({ zone: zone.code, material: material.code, text: word })
      else result.beyond.push(`${zone.name} ${word}`)
    })
  })
  return result
}

const isLabel = (of: Axis, word: string): boolean => word === of.code || word === of.name
