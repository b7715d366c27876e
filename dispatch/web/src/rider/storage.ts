// The store this page has opened, and what of it the screens show. Other pages of the phone hear of every change.
import { setTimeZone } from '@/format'
import type { Waiting } from './records'
import { clockOffset, state, type Choice, type Me, type OwnDay, type Pack } from './state'
import { openStore, type ReadDay, type Store } from './store'

/** Set once, when the page opens. */
export let store: Store

const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('dispatch-rider')
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

/** Open the store and show what it holds. */
export async function openStorage(): Promise<void> {
  store = await openStore()
  // When this fails (no room), the outbox still sends none of it.
  await store.dropCoordinates().catch(() => undefined)
  state.storage = store.kind
  clockOffset.is = (await store.read<number>('clock')) ?? 0
  state.agreed = (await store.read<number>('agreed')) ?? null
  state.codes = (await store.read<Record<string, string>>('codes')) ?? {}
  await readEverything()
  channel?.addEventListener('message', () => void readEverything())
}

/** Keep a value on the phone. What cannot be kept is read from the server again; only taps must not be lost. */
export async function keep(key: string, value: unknown): Promise<void> {
  await store.keep(key, plain(value)).catch(() => undefined)
}

/** Learn from an answer's time how far this phone's clock is off. */
export function learnClock(serverTime: string | null | undefined, askedAt: number): void {
  if (!serverTime) return
  clockOffset.is = new Date(serverTime).getTime() - (askedAt + Date.now()) / 2
  void keep('clock', clockOffset.is)
}

/** Let the phone's other pages read again what this one has changed. */
export function announce(): void {
  channel?.postMessage('changed')
}

/** Counts the taps this page has kept: what was read from the store before one of them lacks it. */
let taps = 0

/** Show a tap that the store has taken. */
export function showTap(tap: Waiting): void {
  taps += 1
  if (!state.waiting.some((each) => each.id === tap.id)) state.waiting.push(tap)
}

/** The kept day, unless another page has it for another rider already; an earlier version of the page did not say. */
const ownOf = (day: OwnDay | null) => (day && (day.rider_id ?? state.me?.riderId) === state.me?.riderId ? day : null)

/** Show the day and the taps the store holds now, together: a figure from two instants would be none. */
export async function readTaps(): Promise<void> {
  for (;;) {
    const before = taps
    const { day, waiting, refused } = await store.snapshot()
    if (before !== taps) continue
    Object.assign(state, { waiting, refused, day: state.me ? (ownOf(day) ?? state.day) : null })
    return
  }
}

/**
 * Keep a day that was read, and show it. A day that was asked for before a newer one came is not taken: it may lack
 * what that one holds.
 */
export async function takeDay(read: ReadDay): Promise<void> {
  try {
    await store.takeDay(read)
  } catch {
    // No room: shown at least, as long as this page is open.
    state.day = read.day
    state.waiting = state.waiting.filter((each) => !read.held.includes(each.id))
    state.refused = state.refused.filter((each) => !read.gone.includes(each.id))
    return
  }
  await readTaps()
}

async function readEverything(): Promise<void> {
  const [me, pack, choice] = await Promise.all([
    store.read<Me>('me'),
    store.read<Pack>('pack'),
    store.read<Choice>('choice'),
  ])
  if (me?.riderId !== state.me?.riderId) state.day = null
  const owesSignOut = (await store.read<boolean>('owes-sign-out')) ?? false
  Object.assign(state, { me: me ?? null, pack: pack ?? null, owesSignOut })
  if (choice) state.choice = choice
  if (me) setTimeZone(me.timezone)
  await readTaps()
}
