// Whose phone this is at present: sign-in by the slip, sign-out, and the notice agreed to before or after it.
import { answer, api } from '@/api'
import { setTimeZone } from '@/format'
import { noteSuccess, refresh, sendIn } from './connection'
import { answerPrivacyNotice, forgetConsent, notice, SHORT_FORM_VERSION } from './consent'
import { oweSignOut, paySignOut } from './sign-out'
import { state, type Choice, type Me } from './state'
import { announce, keep, learnClock, readTaps, store } from './storage'

/** Sign in with the outlet code and PIN of the slip. Throws a Problem. */
export async function signIn(outletCode: string, pin: string): Promise<void> {
  const askedAt = Date.now()
  const session = await answer(api.POST('/api/sign-in', { body: { kind: 'pin', outlet_code: outletCode, pin } }))
  learnClock(session.server_time, askedAt)
  const profile = await answer(api.GET('/api/me'))
  await setRider({
    riderId: profile.subject_id,
    name: profile.display_name,
    timezone: profile.timezone,
    demonstration: profile.demonstration,
  })
  noteSuccess()
  void navigator.storage?.persist?.().catch(() => false)
  await refresh()
  sendIn(0)
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
