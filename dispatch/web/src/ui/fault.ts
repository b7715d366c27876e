// One fault of a request in the words of whoever filled it in.
import type { Fault } from '@/api'
import { language, say, type Text } from '@/messages'
import { FAULT_PATTERNS, FAULT_REASONS } from '@/messages/faults'

/** A row's own Chinese where the server worded it, else our words for its slug, else for the decoder's pattern. */
export function saidOf(fault: Fault & { chinese?: string }): string {
  if (fault.chinese && language.value === 'zh') return fault.chinese
  const known = fault.reason ? (FAULT_REASONS as Record<string, Text | undefined>)[fault.reason] : undefined
  if (known) return say(known)
  for (const [pattern, words] of FAULT_PATTERNS) {
    const found = pattern.exec(fault.detail)
    if (found) return say(words, Object.fromEntries(found.slice(1).map((part, index) => [String(index), part])))
  }
  return fault.detail
}

/** The fault at one field of a form, by the end of its pointer ("/copies", "/moves/0/copies"), or by the problem's `field`. */
export function faultAt(problem: { faults: readonly Fault[] } | null, field: string): string | null {
  const found = problem?.faults.find((fault) => fault.pointer === `/${field}` || fault.pointer?.endsWith(`/${field}`))
  return found ? saidOf(found) : null
}
