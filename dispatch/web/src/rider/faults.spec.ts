import { describe, expect, it } from 'vitest'
import { Problem } from '@/api'
import { setTimeZone } from '@/format'
import { wordsOf } from './faults'

const problem = (slug: string, status: number, document = {}, retry: number | null = null) =>
  new Problem(slug, status, '', document, retry)
setTimeZone('Asia/Shanghai')

describe('why a sign-in did not succeed', () => {
  it.each([
    ['a server that is down is no wrong PIN', problem('busy', 502), 'fault_server'],
    ['nor is one that is busy', problem('busy', 503), 'fault_server'],
    ['nor one that failed', problem('unexpected', 500), 'fault_server'],
    ['nor a proxy that waited too long', problem('busy', 504), 'fault_server'],
    ['nor silence', problem('silent', 0), 'fault_silent'],
    ['nor no network', problem('offline', 0), 'fault_offline'],
    ['nor too many sign-ins from the station', problem('too-many-requests', 429, {}, 7), 'fault_busy_address'],
    ['nor a page that failed', problem('page-fault', 0), 'fault_other'],
    ['an outlet nobody knows', problem('sign-in-outlet-unknown', 401), 'fault_outlet'],
    ['codes that are none', problem('invalid-request', 400), 'fault_codes'],
    ['a rider who was deactivated', problem('sign-in-deactivated', 403), 'fault_left'],
    ["an account that is no rider's", problem('not-allowed', 403), 'fault_role'],
    ['a lock without its end', problem('sign-in-locked', 429), 'fault_many'],
    ['a refusal of a proxy', problem('unexpected', 429), 'fault_many'],
    ["a colleague's PIN", problem('another-rider', 401), 'fault_pin_of_rider'],
  ])('%s', (_, refused, key) => expect(wordsOf(refused, true).key).toBe(key))

  it('a wrong PIN is called so, of this rider where the slip names one', () => {
    expect(wordsOf(problem('sign-in-refused', 401), false).key).toBe('fault_pin')
    expect(wordsOf(problem('sign-in-refused', 401), true).key).toBe('fault_pin_of_rider')
  })
  it('a lock says until when', () => {
    const until = new Date(Date.now() + 900_000).toISOString()
    const words = wordsOf(problem('sign-in-locked', 429, { locked_until: until }, 900), true)
    expect(words.key).toBe('fault_locked')
    expect(words.values?.time).toMatch(/\d{1,2}:\d\d/)
  })
  it('all reasons have different words', async () => {
    const { SIGN_IN } = await import('./messages.signin')
    const texts = Object.entries(SIGN_IN).filter(([key]) => key.startsWith('fault_'))
    for (const side of [0, 1]) expect(new Set(texts.map(([, text]) => text[side])).size).toBe(texts.length)
  })
})
