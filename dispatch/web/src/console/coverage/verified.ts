// What a measured reach says in words: of when, for whom, and why it and the estimate may seem to disagree.
import type { Schemas } from '@/api'
import { day, reach, share } from '@/format'
import { translator } from '@/messages'
import { COVERAGE } from './messages'

export type Verified = Schemas['VerifiedReach']

/** "2027年4月26日", or both days where rounds of several days are counted. */
export function checkedOn(measured: Verified): string {
  const [first, last] = [measured.checked_since.slice(0, 10), measured.checked_at.slice(0, 10)]
  return first === last ? day(last) : translator(COVERAGE)('days_between', { from: day(first), to: day(last) })
}

/** The estimate of the same zones on the same day, and whether the two agree. */
export function sameDayEstimate(measured: Verified): string {
  const t = translator(COVERAGE)
  if (!measured.estimate) return ''
  const apart = measured.contradiction === 'measured_more' || measured.contradiction === 'measured_less'
  return t('same_day_estimate', { reach: reach(measured.estimate), verdict: t(apart ? 'apart' : 'agree') })
}

/** The sentence that explains why check and estimate say different things; empty where they agree. */
export function explanation(measured: Verified): string {
  return measured.contradiction
    ? translator(COVERAGE)(`contradiction_${measured.contradiction}`, { day: checkedOn(measured) })
    : ''
}

/** Of how many households a city's figure speaks; nothing is said of a zone, which is asked itself. */
export const coversWords = (measured: Verified): string =>
  measured.spot_check_id ? '' : translator(COVERAGE)('verified_covers', { share: share(measured.covers) })
