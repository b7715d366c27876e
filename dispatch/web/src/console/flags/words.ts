// A reason in the page's language, from its typed facts.
import type { Schemas } from '@/api'
import { decimal, shortDay, whole } from '@/format'
import { say, type Text } from '@/messages'
import { FLAGS } from './messages'

const words: Record<string, Text> = FLAGS
/** Facts that are measured rather than counted. */
const MEASURED = new Set(['kilometres', 'minutes_apart'])

export function reasonOf(reason: Schemas['FlagReason']): string {
  const text = words[reason.facts.slug]
  if (!text) return reason.reason // a kind of reason this page does not know yet
  const values = Object.fromEntries(
    Object.entries(reason.facts).map(([name, fact]) => [
      name,
      typeof fact !== 'number'
        ? name === 'day'
          ? shortDay(fact)
          : fact
        : fact === 1
          ? 1
          : Number.isInteger(fact)
            ? whole(fact)
            : decimal(fact, MEASURED.has(name) || fact < 100 ? 1 : 0),
    ]),
  )
  return say(text, values)
}
