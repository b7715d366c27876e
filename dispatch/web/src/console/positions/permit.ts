// What a permit for precise positions has to say before it is sent, and the dots of a zone by day. Pure.
export const FEWEST_LETTERS = 10
export const MOST_DAYS = 30

export interface PermitDraft {
  reason: string
  days: string
  understood: boolean
}
export type PermitField = 'reason' | 'keep_days' | 'understood'

/** As it is sent: one line, without blanks at its ends. */
export const reasonOf = (text: string): string => text.replace(/[\s\u0000-\u001f]+/g, ' ').trim()

/** Which fields still keep a permit from being sent. */
export function faultsOf(draft: PermitDraft): PermitField[] {
  const found: PermitField[] = []
  if ([...reasonOf(draft.reason).replace(/ /g, '')].length < FEWEST_LETTERS) found.push('reason')
  const days = draft.days.trim()
  if (!/^\d{1,2}$/.test(days) || Number(days) < 1 || Number(days) > MOST_DAYS) found.push('keep_days')
  if (!draft.understood) found.push('understood')
  return found
}

/** How many dots each day has, newest day first. */
export function countedByDay(dots: readonly { day: string }[]): { day: string; dots: number }[] {
  const found = new Map<string, number>()
  for (const { day } of dots) found.set(day, (found.get(day) ?? 0) + 1)
  return [...found].map(([day, count]) => ({ day, dots: count })).sort((a, b) => (a.day < b.day ? 1 : -1))
}
