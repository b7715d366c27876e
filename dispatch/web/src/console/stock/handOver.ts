// What somebody wants to move, as one line to be recorded, and as the moves it is sent as. Ids are made with the
// line: sent again it is the same.
import type { Schemas } from '@/api'
import type { Sealed } from './codes'

export const MODES = ['give', 'back', 'lend', 'depot', 'lost'] as const
export type Mode = (typeof MODES)[number]
export interface Place {
  kind: 'depot' | 'outlet' | 'rider'
  code: string
}
export interface Line {
  /** One for the bundles, one for the loose copies: they are two moves. */
  bundlesId: string
  looseId: string
  mode: Mode
  material: string
  from: Place
  to: Place | null
  bundles: Sealed[]
  loose: number
  reason: string
}

const KIND = { give: 'transfer', back: 'return', lend: 'transfer', depot: 'return', lost: 'write_off' } as const
export const copiesOf = (line: Pick<Line, 'bundles' | 'loose'>): number =>
  line.bundles.reduce((sum, each) => sum + each.copies, line.loose)

/** The moves of the lines, in order, and for each the line it belongs to: refusals point at moves. */
export function movesOf(
  lines: readonly Line[],
  campaign_id: string,
): { moves: Schemas['NewMove'][]; lineOf: number[] } {
  const moves: Schemas['NewMove'][] = []
  const lineOf: number[] = []
  lines.forEach((line, index) => {
    const common = {
      campaign_id,
      kind: KIND[line.mode],
      material_code: line.material,
      from: line.from,
      to: line.to,
      reason: line.reason || null,
      moved_at: null,
    }
    const bundled = copiesOf({ bundles: line.bundles, loose: 0 })
    if (bundled)
      moves.push({
        ...common,
        move_id: line.bundlesId,
        copies: bundled,
        bundle_codes: line.bundles.map((each) => each.code),
      })
    if (line.loose) moves.push({ ...common, move_id: line.looseId, copies: line.loose, bundle_codes: [] })
    while (lineOf.length < moves.length) lineOf.push(index)
  })
  return { moves, lineOf }
}

/** Which lines a refusal points at, with what it says of each. */
export function faultsOf(
  faults: readonly { pointer?: string; detail: string }[],
  lineOf: readonly number[],
): Map<number, string> {
  const faultOf = new Map<number, string>()
  for (const fault of faults) {
    const line = lineOf[Number(/^\/moves\/(\d+)/.exec(fault.pointer ?? '')?.[1])]
    if (line !== undefined) faultOf.set(line, [faultOf.get(line), fault.detail].filter(Boolean).join(' '))
  }
  return faultOf
}

/** Copies of one material: at the outlet (so many of them in sealed bundles), with its riders, on the way. */
export interface Held {
  code: string
  name: string
  outlet: number
  sealed: number
  riders: number
  transit: number
}

/** What an outlet has, by material. */
export function heldOf(balances: readonly Schemas['Balance'][], bundles: readonly Schemas['BundleRow'][]): Held[] {
  const held = new Map<string, Held>()
  for (const { material_code: code, material_name: name, holder_kind, copies } of balances) {
    const row = held.get(code) ?? { code, name, outlet: 0, sealed: 0, riders: 0, transit: 0 }
    if (holder_kind === 'outlet') row.outlet += copies
    if (holder_kind === 'rider') row.riders += copies
    if (holder_kind === 'transit') row.transit += copies
    held.set(code, row)
  }
  for (const { holder_kind, material_code, copies } of bundles) {
    const row = held.get(material_code)
    if (holder_kind === 'outlet' && row) row.sealed += copies
  }
  return [...held.values()]
}
