// Whose phone this is at present: sign-in by the slip, sign-out, and the notice agreed to before or after it.
import { answer, api, asProblem, BACKGROUND, Problem, type Schemas } from '@/api'
import { setTimeZone } from '@/format'
import { noteSuccess, refresh, sendIn } from './connection'
import { answerPrivacyNotice, forgetConsent, notice, SHORT_FORM_VERSION } from './consent'
import { oweSignOut, paySignOut } from './sign-out'
import type { Slip } from './slip'
import { state, type Choice, type Me } from './state'
import { announce, keep, learnClock, readTaps, store } from './storage'

const ANSWER_MILLISECONDS = 30_000

/** The answer of a call that must not leave the rider waiting without a word. */
async function soon<T>(call: (signal: AbortSignal) => Promise<{ data?: T; response: Response }>) {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), ANSWER_MILLISECONDS)
  try {
    return await answer(call(stop.signal))
  } catch (error) {
    throw stop.signal.aborted ? new Problem('silent', 0, 'The server does not answer.') : asProblem(error)
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Sign in with what the slip says and its PIN. Throws a Problem.
 * @param expected Only this rider may come in: the PIN is asked for again.
 */
export async function signIn(slip: Slip, pin: string, expected?: string): Promise<void> {
  const askedAt = Date.now()
  const body = { kind: 'pin', city_code: slip.city, outlet_code: slip.outlet, rider_code: slip.rider, pin } as const
  const session = await soon((signal) => api.POST('/api/sign-in', { body, signal }))
  learnClock(session.server_time, askedAt)
  const profile = await soon((signal) => api.GET('/api/me', { signal }))
  if (expected && profile.subject_id !== expected) {
    // By a slip without a rider's code a colleague's PIN opens as well: not this phone.
    await oweSignOut()
    await paySignOut()
    throw new Problem('another-rider', 401, 'This is the PIN of another rider.')
  }
  await setRider(meOf(profile))
  noteSuccess()
  void navigator.storage?.persist?.().catch(() => false)
  await refresh()
  sendIn(0)
}

const meOf = (profile: Schemas['Profile']): Me => ({
  riderId: profile.subject_id,
  name: profile.display_name,
  timezone: profile.timezone,
  demonstration: profile.demonstration,
  code: profile.rider_code,
  cityCode: profile.city_code,
  cityName: profile.city_name,
  centreName: profile.centre_name,
  centrePhone: profile.centre_phone,
  partnerName: profile.partner_name,
  outletCode: profile.outlet_code,
  outletName: profile.outlet_name,
})

/** Learn again what stands on the home screen: names change, and earlier phones did not keep all. Never throws. */
export async function readMe(): Promise<void> {
  const riderId = state.me?.riderId
  try {
    const me = meOf(await answer(api.GET('/api/me', { headers: BACKGROUND })))
    if (me.riderId !== riderId || state.me?.riderId !== riderId) return
    state.me = me
    await keep('me', me)
  } catch {
    // Kept as it was: asked again when the page is opened next.
  }
}

async function setRider(me: Me): Promise<void> {
  if (state.me !== null && state.me.riderId !== me.riderId) await forgetRider()
  state.me = me
  setTimeZone(me.timezone)
  await keep('me', me)
}

/** Nothing of the rider stays on the phone but taps that the server does not have. */
async function forgetRider(): Promise<void> {
  const left = state.me?.riderId
  const choice: Choice = { materialId: null, channels: {}, zoneId: null, location: false }
  // The next one has agreed to nothing yet.
  Object.assign(state, { me: null, pack: null, day: null, flags: [], cell: null, asking: null, agreed: null, choice })
  for (const key of ['me', 'pack', 'day', 'choice', 'agreed', 'last']) void keep(key, null)
  // A day that another page has asked for is the other rider's: it is not taken any more.
  void keep('days', Date.now())
  forgetConsent()
  const of = (each: { id: string; riderId: string }) => each.riderId === left
  await store.forget(state.refused.filter(of).map((each) => each.id)).catch(() => undefined)
  await store
    .drop(state.waiting.filter((each) => of(each) && each.answered).map((each) => each.id))
    .catch(() => undefined)
  await readTaps().catch(() => undefined)
}

/** End the session here and on the server; taps that wait stay until this rider signs in again. */
export async function signOut(): Promise<void> {
  await oweSignOut()
  await forgetRider()
  state.needsPin = false
  announce()
  await paySignOut()
}

/** The notice was read and agreed to. The server receives it once it knows the rider: at once, or after the PIN. */
export async function acceptNotice(): Promise<void> {
  if (state.me) await answerPrivacyNotice('taking_part', true)
  state.agreed = notice.value?.version ?? SHORT_FORM_VERSION
  await keep('agreed', state.agreed)
}
