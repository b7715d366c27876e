import { afterEach, expect, it } from 'vitest'
import { language } from '@/messages'
import type { Schemas } from '@/api'
import { reasonOf } from './words'

afterEach(() => void (language.value = 'zh'))
const of = (facts: object): Schemas['FlagReason'] =>
  ({ facts, reason: 'as the server words it', points: 1 }) as Schemas['FlagReason']

it('words a reason from its facts, in English too', () => {
  language.value = 'en'
  expect(reasonOf(of({ slug: 'beyond-held', copies_beyond: 1200, copies_confirmed: 3000 }))).toBe(
    'Of 3,000 copies confirmed this week, 1,200 have no recorded hand-over and are not counted yet.',
  )
  expect(
    reasonOf(of({ slug: 'fast-between-cells', fast_steps: 2, steps: 40, kilometres: 7.25, minutes: 3 })),
  ).toContain('7.3 km in 3 min')
})

it('shows a reason it does not know as the server words it', () => {
  expect(reasonOf(of({ slug: 'something-new' }))).toBe('as the server words it')
})
