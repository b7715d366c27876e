// Why a sign-in did not succeed, each in its own words: a server that is down is never a wrong PIN.
import type { Problem } from '@/api'
import { clockAndDay } from './when'
import type { SIGN_IN } from './messages.signin'

export interface Words {
  key: keyof typeof SIGN_IN
  values?: Record<string, string | number>
}

/**
 * The words for a refusal.
 * @param named Whether the rider's code was sent, so that only this rider's PIN was right.
 */
export function wordsOf({ slug, status, facts, retryAfter }: Problem, named: boolean): Words {
  switch (slug) {
    case 'offline':
      return { key: 'fault_offline' }
    case 'sign-in-refused':
      return { key: named ? 'fault_pin_of_rider' : 'fault_pin' }
    case 'another-rider':
      return { key: 'fault_pin_of_rider' }
    case 'sign-in-outlet-unknown':
      return { key: 'fault_outlet' }
    case 'sign-in-deactivated':
      return { key: 'fault_left' }
    case 'sign-in-locked': {
      const until = new Date(String(facts.locked_until))
      return Number.isNaN(until.getTime())
        ? { key: 'fault_many' }
        : { key: 'fault_locked', values: { time: clockAndDay(until) } }
    }
    case 'too-many-requests':
      return { key: 'fault_busy_address', values: { n: Math.max(1, retryAfter ?? 60) } }
    case 'invalid-request':
      return { key: 'fault_codes' }
    case 'not-allowed':
      return { key: 'fault_role' }
  }
  if (slug === 'silent') return { key: 'fault_silent' }
  if (status === 429) return { key: 'fault_many' }
  return { key: status >= 500 || status === 408 ? 'fault_server' : 'fault_other' }
}
