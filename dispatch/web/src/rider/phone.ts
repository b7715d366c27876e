// The rider's page on the phone, from its opening on: what it does when it comes into sight or back into the network.
import { newId } from '@/ids'
import { findCell } from './choice'
import { refresh, send, sendIn } from './connection'
import { timeOf } from './records'
import { own, serverNow, state } from './state'
import { openStorage, readTaps } from './storage'

/** Called once, when the page opens. */
export async function start(): Promise<void> {
  await openStorage()
  // Ids rise from page to page, also when the phone's clock was set back in between.
  if (state.waiting.length) newId(Math.max(serverNow(), ...state.waiting.map((each) => timeOf(each.id))))
  state.ready = true
  window.addEventListener('online', () => sendIn(0))
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && void wake())
  setInterval(() => (state.now = Date.now()), 15_000)
  await wake()
}

async function wake(): Promise<void> {
  state.now = Date.now()
  if (!state.me) return
  void findCell()
  await readTaps()
  if (own.value.length) await send()
  await refresh()
}
