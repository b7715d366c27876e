// What a report keeps in this browser: the draft of each day and outlet, and the way last chosen for each material.
import type { Draft } from './reportDraft'

const WAYS = 'dispatch.report.channels'

function read<T extends object>(key: string): T {
  try {
    return JSON.parse(localStorage.getItem(key) ?? '{}') as T
  } catch {
    return {} as T // What cannot be read is as good as none.
  }
}

export const readDraft = (key: string): Draft => read<Draft>(key)

/** Keep a draft; an empty one is deleted. Without storage it is kept while the page is open. */
export function keepDraft(key: string, draft: Draft): void {
  if (!key) return
  try {
    if (Object.keys(draft).length) localStorage.setItem(key, JSON.stringify(draft))
    else localStorage.removeItem(key)
  } catch {
    // Kept while the page is open.
  }
}

export const readWays = (): Record<string, string> => read<Record<string, string>>(WAYS)

export function keepWays(ways: Record<string, string>): void {
  try {
    localStorage.setItem(WAYS, JSON.stringify(ways))
  } catch {
    // Chosen for this visit.
  }
}
