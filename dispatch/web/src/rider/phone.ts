// What the rider's phone does with a tap, and when it talks to the server. Screens read state.ts and call these functions.
import { answer, api, asProblem, BACKGROUND, type Problem } from '@/api'
import { setTimeZone } from '@/format'
import { newId } from '@/ids'
import type { PackCell } from './cells'
import { agreesTo, answerPrivacyNotice, consent, forgetConsent, notice, settleConsent } from './consent'
import { readOwnFlags } from './flags'
import { carriesQuestion } from './question'
import { locateCell } from './location'
import { pauseAfter, sendWaiting } from './outbox'
import { pageName } from './page'
import {
  correctionRecord,
  handoutRecord,
  MOST_COPIES,
  timeOf,
  visitRecord,
  type FirstCopyAnswer,
  type Refused,
  type TapRecord,
  type VisitResult,
  type Waiting,
} from './records'
import {
  channelOf,
  clockOffset,
  hasPlace,
  material,
  own,
  serverNow,
  state,
  where,
  type Choice,
  type Me,
  type OwnDay,
  type Pack,
} from './state'
import { openStore, type Store } from './store'

const ASK_MILLISECONDS = 60_000
const SOON = 700

let store: Store
const holder = pageName()
let failures = 0
let timer: ReturnType<typeof setTimeout> | undefined
const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('dispatch-rider')
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

function learnClock(serverTime: string | null | undefined, askedAt: number): void {
  if (!serverTime) return
  clockOffset.is = new Date(serverTime).getTime() - (askedAt + Date.now()) / 2
  void keep('clock', clockOffset.is)
}
async function keep(key: string, value: unknown): Promise<void> {
  // What is not kept here is asked for again; only taps must not be lost, and they say so.
  await store.keep(key, plain(value)).catch(() => undefined)
}

// ---- Taps ----

/** One tap, kept on the phone before anything is said about it. False: there was no room. */
async function keepTap(record: TapRecord, askUntil?: number): Promise<boolean> {
  const waiting: Waiting = { id: record.id, riderId: state.me!.riderId, record, ...(askUntil ? { askUntil } : {}) }
  try {
    await store.add(waiting)
  } catch {
    state.noRoom = true
    return false
  }
  state.noRoom = false
  if (!state.waiting.some((each) => each.id === waiting.id)) state.waiting.push(waiting)
  state.now = Date.now()
  changed()
  sendIn(SOON)
  return true
}

/** Copies handed out; answers the ids, none when there was no room. More than one record holds become several. */
export async function handOut(copies: number): Promise<string[]> {
  const held = material.value
  if (!held || !hasPlace.value) return []
  state.now = Date.now()
  if (state.asking) await answerFirstCopy(null)
  const ids: string[] = []
  for (let left = copies; left > 0; left -= MOST_COPIES) {
    const record = handoutRecord(serverNow(), where(), {
      campaignId: held.campaign_id,
      materialId: held.material_id,
      channel: channelOf(held),
      copies: Math.min(left, MOST_COPIES),
    })
    const share = state.pack?.campaigns.find((each) => each.campaign_id === held.campaign_id)?.question_share ?? 0
    const asks = copies === 1 && carriesQuestion(held.campaign_id, record.id, share)
    if (!(await keepTap(record, asks ? Date.now() + ASK_MILLISECONDS : undefined))) break
    if (asks) state.asking = record.id
    ids.push(record.id)
  }
  void findCell()
  return ids
}

/** A door at which nothing was handed out. */
export async function noteVisit(result: VisitResult): Promise<string | null> {
  const campaignId = material.value?.campaign_id ?? state.pack?.campaigns[0]?.campaign_id
  if (!campaignId || !hasPlace.value) return null
  state.now = Date.now()
  const record = visitRecord(serverNow(), where(), campaignId, result, 1)
  return (await keepTap(record)) ? record.id : null
}

/** Take a record back by a linked correction; the record itself stays. */
export async function takeBack(id: string, reason: string): Promise<boolean> {
  if (state.asking === id) await answerFirstCopy(null)
  return keepTap(correctionRecord(serverNow(), id, reason))
}

/** The answer to the question that stands, or none. */
export async function answerFirstCopy(given: FirstCopyAnswer | null): Promise<void> {
  const id = state.asking
  if (!id) return
  state.asking = null
  await store.answer(id, given, Date.now()).catch(() => false)
  await readStore()
  changed()
  sendIn(SOON)
}

export async function choose(part: Partial<Choice>): Promise<void> {
  Object.assign(state.choice, part)
  await keep('choice', state.choice)
}

/** The use of location, agreed to or withdrawn. Throws a Problem when agreeing needs the server and there is none. */
export async function allowLocation(given: boolean): Promise<void> {
  if (given && !agreesTo('location')) await answerPrivacyNotice('location', true)
  await choose({ location: given })
  if (given) return findCell()
  // Withdrawn here at once; the server is told when it can be.
  state.cell = null
  await keep('withdraws', true)
  await tellWithdrawal()
}
async function tellWithdrawal(): Promise<void> {
  if (!(await store.read<boolean>('withdraws'))) return
  if (agreesTo('location') && !state.choice.location)
    await answerPrivacyNotice('location', false).catch(() => undefined)
  if (consent.value && !agreesTo('location')) await keep('withdraws', false)
}

/** Which cell the phone is in, when the rider allows to ask. The position itself is gone when this returns. */
export async function findCell(): Promise<void> {
  if (!state.choice.location || !state.pack) return
  const found = await locateCell(
    state.pack.datum,
    state.pack.zones.flatMap((each) => each.cells as PackCell[]),
  )
  // Withdrawn while the phone was still looking: it counts as not found.
  if (!state.choice.location) return
  state.locationDenied = found === 'denied'
  if (found === 'denied') await allowLocation(false)
  else if (found) state.cell = { id: found, at: Date.now() }
  state.now = Date.now()
}

// ---- Talking to the server ----

/** Send what waits, or ask how the day stands, a moment from now; an earlier plan gives way. */
export function sendIn(milliseconds: number): void {
  clearTimeout(timer)
  timer = setTimeout(() => void (own.value.length && !state.needsPin ? send() : refresh(true)), milliseconds)
}

/** Send now, then ask how the day stands. Never throws. */
export async function send(): Promise<void> {
  if (!state.me || state.sending || !own.value.length) return
  state.sending = true
  const askedAt = Date.now()
  try {
    const sent = await sendWaiting(store, state.me.riderId, holder)
    await readStore()
    if (sent) {
      learnClock(sent.serverTime, askedAt)
      well()
      if (sent.settled) changed()
    }
    if (own.value.length) sendIn(own.value.some((each) => each.askUntil) ? 5_000 : 3_000)
    if (sent?.settled) await refresh(true)
  } catch (error) {
    await readStore()
    failed(asProblem(error))
  } finally {
    state.sending = false
  }
}

function well(): void {
  failures = 0
  state.connected = true
  state.needsPin = false
}

function failed(problem: Problem): void {
  failures++
  if (problem.slug === 'not-signed-in' || problem.slug === 'another-rider') {
    state.needsPin = true
    state.connected = true
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
    const day = await answer(api.GET('/api/handouts/own-day', { headers: BACKGROUND }))
    // Another rider, or nobody, has the phone by now.
    if (state.me?.riderId !== riderId) return
    learnClock(day.server_time, askedAt)
    state.day = day
    await keep('day', day)
    if (day.waiting_refused || state.refused.length) await readRefused()
    if (!dayOnly) {
      await Promise.all([readHandoutPack(), readOwnFlags(), settleConsent(state.agreed)])
      await tellWithdrawal()
    }
    state.now = Date.now()
    well()
    changed()
    if (own.value.length) sendIn(SOON)
  } catch (error) {
    failed(asProblem(error))
  }
}

/** Counts the packs asked for: one asked for before another says what is no longer so. */
let packs = 0
async function readHandoutPack(): Promise<void> {
  const asked = ++packs
  const riderId = state.me?.riderId
  // The browser asks with the ETag it has; most times nothing but a header comes back.
  const pack = await answer(api.GET('/api/handouts/pack', { headers: BACKGROUND }))
  if (asked !== packs || state.me?.riderId !== riderId || JSON.stringify(pack) === JSON.stringify(state.pack)) return
  state.pack = pack as Pack
  await keep('pack', pack)
}

async function readRefused(): Promise<void> {
  const riderId = state.me!.riderId
  const found = await answer(api.GET('/api/handouts/refused', { headers: BACKGROUND }))
  const waitingThere = found.map((row): Refused | null => {
    const record = row.record as unknown as TapRecord
    return record && typeof record === 'object' && 'kind' in record
      ? { id: row.handout_id, riderId, record, slug: row.problem, facts: {} }
      : null
  })
  const known = new Map(state.refused.map((each) => [each.id, each]))
  // The server's list is the truth: what it has taken up or somebody settled is no longer shown.
  const gone = state.refused.filter(
    (each) => each.riderId === riderId && !found.some((row) => row.handout_id === each.id),
  )
  await store.forget(gone.map((each) => each.id))
  const more = waitingThere.filter((each): each is Refused => !!each && !known.has(each.id))
  if (more.length) await store.settle({ done: [], refused: more })
  await readStore()
}

// ---- Coming and going ----

/** Outlet code and PIN from the slip. Throws a Problem. */
export async function signIn(outletCode: string, pin: string): Promise<void> {
  const askedAt = Date.now()
  const signed = await answer(api.POST('/api/sign-in', { body: { kind: 'pin', outlet_code: outletCode, pin } }))
  learnClock(signed.server_time, askedAt)
  const profile = await answer(api.GET('/api/me'))
  await take({
    riderId: profile.subject_id,
    name: profile.display_name,
    timezone: profile.timezone,
    demonstration: profile.demonstration,
  })
  state.needsPin = false
  failures = 0
  void navigator.storage?.persist?.().catch(() => false)
  await refresh()
  sendIn(0)
}

async function take(me: Me): Promise<void> {
  const another = state.me !== null && state.me.riderId !== me.riderId
  if (another) forgetRider()
  state.me = me
  setTimeZone(me.timezone)
  await keep('me', me)
}

function forgetRider(): void {
  const choice: Choice = { materialId: null, channels: {}, zoneId: null, location: false }
  // The next one has agreed to nothing yet.
  Object.assign(state, { me: null, pack: null, day: null, flags: [], cell: null, asking: null, agreed: null, choice })
  for (const key of ['me', 'pack', 'day', 'choice', 'agreed']) void keep(key, null)
  forgetConsent()
}

/** The session ends here and on the server; what waits stays for the next time. */
export async function signOut(): Promise<void> {
  await api.POST('/api/sign-out').catch(() => undefined)
  forgetRider()
  state.needsPin = false
  changed()
}

/** The notice was read and agreed to. The server is told as soon as it knows who: at once, or after the PIN. */
export async function acceptNotice(): Promise<void> {
  if (state.me) await answerPrivacyNotice('taking_part', true)
  state.agreed = notice.value?.version ?? 1
  await keep('agreed', state.agreed)
}

function changed(): void {
  channel?.postMessage('changed')
}

async function readStore(): Promise<void> {
  state.waiting = await store.waiting()
  state.refused = await store.refused()
}

/** Another page of this phone did something. */
async function readEverything(): Promise<void> {
  const [me, pack, day, choice] = await Promise.all([
    store.read<Me>('me'),
    store.read<Pack>('pack'),
    store.read<OwnDay>('day'),
    store.read<Choice>('choice'),
  ])
  Object.assign(state, { me: me ?? null, pack: pack ?? null, day: day ?? null })
  if (choice) state.choice = choice
  if (me) setTimeZone(me.timezone)
  await readStore()
}

/** Called once, when the page opens. */
export async function start(): Promise<void> {
  store = await openStore()
  // When this fails (no room), nothing of it is sent all the same.
  await store.dropCoordinates().catch(() => undefined)
  state.storage = store.kind
  clockOffset.is = (await store.read<number>('clock')) ?? 0
  state.agreed = (await store.read<number>('agreed')) ?? null
  await readEverything()
  // Ids rise from page to page, also when the phone's clock was set back in between.
  if (state.waiting.length) newId(Math.max(serverNow(), ...state.waiting.map((each) => timeOf(each.id))))
  state.ready = true
  channel?.addEventListener('message', () => void readEverything())
  window.addEventListener('online', () => sendIn(0))
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && void wake())
  setInterval(() => (state.now = Date.now()), 15_000)
  await wake()
}

async function wake(): Promise<void> {
  state.now = Date.now()
  if (!state.me) return
  void findCell()
  await readStore()
  if (own.value.length) await send()
  await refresh()
}
