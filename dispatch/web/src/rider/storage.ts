// The store this page has opened, and what of it the screens show. Other pages of the phone hear of every change.
import { setTimeZone } from '@/format'
import { clockOffset, state, type Choice, type Me, type OwnDay, type Pack } from './state'
import { openStore, type Store } from './store'

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

/** Show the taps the store holds now. */
export async function readTaps(): Promise<void> {
  state.waiting = await store.waiting()
  state.refused = await store.refused()
}

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
  await readTaps()
}
