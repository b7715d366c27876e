// What is kept in this browser of an outlet's list until it is recorded: by account, campaign and outlet, so that a
// reload or another page loses nothing, and nobody is shown what another account made ready.
import type { Line } from './handOver'

export interface Draft {
  lines: Line[]
  /** Sent, and no answer came: the lines may be recorded already, and go again unchanged. */
  uncertain: boolean
}
export interface Place {
  account: string
  campaign: string
  outlet: string
}
type Kept = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>

const listsOf = ({ account, campaign }: Omit<Place, 'outlet'>) => `dispatch.hand-over|${account}|${campaign}|`
export const keyOf = (place: Place): string => listsOf(place) + place.outlet

const isLine = (each: Line): boolean =>
  !!each && [each.bundlesId, each.looseId, each.material].every((part) => typeof part === 'string') &&
  Array.isArray(each.bundles) && typeof each.loose === 'number' && !!each.from // prettier-ignore

/** The list kept under a key; what cannot be read is as good as none. */
export function readDraft(key: string, kept: () => Kept = () => localStorage): Draft {
  try {
    const found = JSON.parse(kept().getItem(key) ?? '{}') as Partial<Draft>
    const lines = Array.isArray(found.lines) ? found.lines.filter(isLine) : []
    return { lines, uncertain: !!found.uncertain && lines.length > 0 }
  } catch {
    return { lines: [], uncertain: false }
  }
}

/** Keep a list; an empty one is deleted. False: this browser keeps nothing, and the list ends with the page. */
export function keepDraft(key: string, draft: Draft, kept: () => Kept = () => localStorage): boolean {
  try {
    if (draft.lines.length) kept().setItem(key, JSON.stringify(draft))
    else kept().removeItem(key)
    return true
  } catch {
    return false
  }
}

/** What is left of a list once some of its lines are recorded, whoever added others meanwhile. */
export const without = (lines: readonly Line[], recorded: readonly Line[]): Line[] => {
  const ids = new Set(recorded.map((line) => line.looseId))
  return lines.filter((line) => !ids.has(line.looseId))
}

/** Lines that wait to be recorded, by outlet, of one account in one campaign. */
export function waitingByOutlet(
  whose: Omit<Place, 'outlet'>,
  kept: () => Kept = () => localStorage,
): { outlet: string; lines: number }[] {
  const prefix = listsOf(whose)
  try {
    const store = kept()
    return Array.from({ length: store.length }, (_, index) => store.key(index) ?? '')
      .filter((key) => key.startsWith(prefix))
      .map((key) => ({ outlet: key.slice(prefix.length), lines: readDraft(key, kept).lines.length }))
      .filter((each) => each.lines)
      .sort((a, b) => (a.outlet < b.outlet ? -1 : 1))
  } catch {
    return []
  }
}
