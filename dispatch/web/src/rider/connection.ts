// When the phone talks to the server: it sends the taps that wait, and reads the rider's day, zones and questions.
import { answer, api, asProblem, BACKGROUND, type Problem } from '@/api'
import { sendWithdrawal } from './choice'
import { settleConsent } from './consent'
import { readOwnFlags } from './flags'
import { handIn } from './handIn'
import { pauseAfter, sendWaiting } from './outbox'
import { pageName } from './page'
import { heldBy } from './own-day'
import { isTap, type Refused } from './records'
import { own, ownRefused, state, type Pack } from './state'
import { announce, keep, learnClock, readTaps, store, takeDay } from './storage'

/** A moment, in which further taps may come and be sent together. */
export const SOON_MILLISECONDS = 700
const MOST_REFUSED = 500

const page = pageName()
let failures = 0
let timer: ReturnType<typeof setTimeout> | undefined

/** Send what waits, or read the day, after this time; an earlier appointment is dropped. */
export function sendIn(milliseconds: number): void {
  clearTimeout(timer)
  timer = setTimeout(() => void (own.value.length && !state.needsPin ? send() : refresh(true)), milliseconds)
}

/** Send now, then read the day. Never throws. */
export async function send(): Promise<void> {
  if (!state.me || state.sending || !own.value.length) return
  // What was to be sent later goes now.
  clearTimeout(timer)
  state.sending = true
  const askedAt = Date.now()
  try {
    const sent = await sendWaiting(store, state.me.riderId, page)
    await readTaps()
    if (sent) {
      learnClock(sent.serverTime, askedAt)
      noteSuccess()
      if (sent.settled) announce()
    }
    if (own.value.length) sendIn(own.value.some((each) => each.askUntil) ? 5_000 : 3_000)
    if (sent?.settled && !sent.hasDay) await refresh(true)
  } catch (error) {
    await readTaps()
    noteFailure(asProblem(error))
  } finally {
    state.sending = false
  }
}

/** The server answered: the pauses between attempts begin again at the shortest. */
export function noteSuccess(): void {
  failures = 0
  state.connected = true
  state.needsPin = false
}

function noteFailure(problem: Problem): void {
  failures++
  if (problem.slug === 'not-signed-in' || problem.slug === 'another-rider') {
    state.needsPin = true
    state.connected = true
    if (problem.slug === 'not-signed-in' && state.me && own.value.length)
      void handIn(store, state.me.riderId, page).then((done) => (done ? readTaps() : undefined))
    return // sent again after the PIN
  }
  state.connected = problem.status > 0 && problem.status < 500
  sendIn(pauseAfter(failures, problem))
}

/** `read_own_day`, and with it the pack, refusals and questions when they may have changed. Never throws. */
export async function refresh(dayOnly = false): Promise<void> {
  const riderId = state.me?.riderId
  if (!riderId) return
  const askedAt = Date.now()
  try {
    // A tap needs its zone: the page offers none before the pack is here.
    if (!state.pack) await readHandoutPack()
    // First those: what was taken up since must be in the day by the time it is missing here.
    const gone = ownRefused.value.length ? await readRefused() : []
    const before = await store.snapshot()
    const day = await answer(api.GET('/api/handouts/own-day', { headers: BACKGROUND }))
    // Meanwhile another rider may have signed in on this phone, also on another page of it, or this one signed out.
    if (state.me?.riderId !== riderId || day.rider_id !== riderId) return
    learnClock(day.server_time, askedAt)
    const answered = before.waiting.filter((each) => each.riderId === riderId && each.answered)
    await takeDay({ day, asked: before.days, held: heldBy(day, answered), gone })
    if (day.waiting_refused > ownRefused.value.length) await readRefused()
    if (!dayOnly) {
      await Promise.all([readHandoutPack(), readOwnFlags(), settleConsent(state.agreed)])
      await sendWithdrawal()
    }
    state.now = Date.now()
    noteSuccess()
    announce()
    if (own.value.length) sendIn(SOON_MILLISECONDS)
  } catch (error) {
    noteFailure(asProblem(error))
  }
}

/** Counts the requests for the pack: the answer to an earlier one must not replace that to a later one. */
let packs = 0
async function readHandoutPack(): Promise<void> {
  const asked = ++packs
  const riderId = state.me?.riderId
  // The browser asks with the ETag it has; most times nothing but a header comes back.
  const pack = await answer(api.GET('/api/handouts/pack', { headers: BACKGROUND }))
  if (asked !== packs || state.me?.riderId !== riderId || JSON.stringify(pack) === JSON.stringify(state.pack)) return
  state.pack = pack as Pack // The client's types make lists of the contract's tuples.
  await keep('pack', pack)
  if (riderId && state.codes[riderId] !== pack.rider_code) {
    state.codes = { ...state.codes, [riderId]: pack.rider_code }
    await keep('codes', state.codes)
  }
}

/**
 * Learn which records the server keeps as refused. Answers those of this phone that it keeps waiting no longer:
 * recorded since, or settled by a planner.
 */
async function readRefused(): Promise<string[]> {
  const riderId = state.me!.riderId
  const before = ownRefused.value.map((each) => each.id)
  const query = { limit: MOST_REFUSED }
  const rows = await answer(api.GET('/api/handouts/refused', { params: { query }, headers: BACKGROUND }))
  if (state.me?.riderId !== riderId) return []
  const there = new Set(rows.map((row) => row.handout_id))
  const known = new Set(state.refused.map((each) => each.id))
  const more = rows.flatMap((row): Refused[] => {
    const { record } = row
    return !known.has(row.handout_id) && isTap(record)
      ? [{ id: row.handout_id, riderId, record, slug: row.problem, facts: {} }]
      : []
  })
  if (more.length) {
    await store.settle({ done: [], refused: more })
    await readTaps()
  }
  // What a full page leaves out may still be there.
  return rows.length < MOST_REFUSED ? before.filter((id) => !there.has(id)) : []
}
