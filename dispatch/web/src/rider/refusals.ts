// What could not be taken, alike ones together: ten taps refused for one reason are one thing to do.
import type { Schemas } from '@/api'
import { happenedAt, type Refused } from './records'

type Holding = Schemas['Holding']

export interface RefusedGroup {
  key: string
  slug: string
  kind: Refused['record']['kind']
  /** Copies still on record for the rider, where that is the reason; null: not known. */
  held: number | null
  records: number
  /** Copies, or doors. */
  count: number
  first: string
  last: string
}

/** Copies on record: as the refusal says, or, when its answer was lost, as the rider's day has them now. */
function heldFor({ slug, facts, record }: Refused, holdings: readonly Holding[]): number | null {
  if (slug !== 'not-enough-stock') return null
  if (typeof facts.held === 'number') return facts.held
  const holding = holdings.find((each) => record.kind === 'handout' && each.material_id === record.material_id)
  return holding ? holding.quantity : null
}

/** Groups by kind and reason, in the order of their first records. */
export function groupsOf(refused: readonly Refused[], holdings: readonly Holding[]): RefusedGroup[] {
  const groups = new Map<string, RefusedGroup>()
  for (const each of refused) {
    const { record, slug } = each
    const material = record.kind === 'handout' ? record.material_id : ''
    const held = heldFor(each, holdings)
    const key = [record.kind, slug, material].join(' ')
    const at = happenedAt(record)
    const group = groups.get(key) ?? { key, slug, kind: record.kind, held, records: 0, count: 0, first: at, last: at }
    group.held = held === null || group.held === null ? (held ?? group.held) : Math.min(held, group.held)
    group.records += 1
    group.count += record.kind === 'handout' ? record.copies : record.kind === 'visit' ? record.visits : 1
    if (at < group.first) group.first = at
    if (at > group.last) group.last = at
    groups.set(key, group)
  }
  return Array.from(groups.values())
}
