// One fault of a request, in the words of the person who filled it in.
import type { Fault } from '@/api'
import { language, say, type Text } from '@/messages'
import { whole } from '@/format'
import { FAULT_FIELDS, FAULT_PATTERNS, FAULT_REASONS, FAULT_ITEM } from '@/messages/faults'

/** A row's own Chinese where the server worded it, else our words for its slug, else for the decoder's pattern. */
export function reasonOf(fault: Fault & { chinese?: string }): string {
  if (fault.chinese && language.value === 'zh') return fault.chinese
  const known = fault.reason ? (FAULT_REASONS as Record<string, Text | undefined>)[fault.reason] : undefined
  if (known) return say(known)
  for (const [pattern, words] of FAULT_PATTERNS) {
    const match = pattern.exec(fault.detail)
    if (match)
      return say(
        words,
        Object.fromEntries(
          match.slice(1).map((part, index) => [String(index), /^\d{4,}$/.test(part) ? whole(Number(part)) : part]),
        ),
      )
  }
  return fault.detail
}

/** The parts of a pointer: "/moves/0/copies", or as the decoder writes it "/moves[0].copies". */
const partsOf = (pointer: string | undefined): string[] =>
  (pointer ?? '')
    .replace(/\[(\d+)\]/g, '/$1')
    .split(/[/.]/)
    .filter(Boolean)

/** Where a fault is, as the form calls it: the field by its name, an item of a list by its number. */
export function placeOf(pointer: string | undefined): string {
  return partsOf(pointer)
    .map((part, index, all) => {
      if (/^\d+$/.test(part)) return say(FAULT_ITEM, { n: Number(part) + 1 })
      const known = (FAULT_FIELDS as Record<string, Text | undefined>)[part]
      return known ? say(known) : /^\d+$/.test(all[index + 1] ?? '') ? '' : part
    })
    .filter(Boolean)
    .join(' · ')
}

/**
 * The fault at one field of a form, by the end of its pointer ("/copies", "/moves/0/copies"), or by the problem's
 * `field`.
 */
export function faultAt(problem: { faults: readonly Fault[] } | null, field: string): string | null {
  const match = problem?.faults.find((fault) => partsOf(fault.pointer).slice(-1)[0] === field)
  return match ? reasonOf(match) : null
}
