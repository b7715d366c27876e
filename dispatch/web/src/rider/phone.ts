// The rider's page on the phone, from its opening on: what it does when it comes into sight or back into the network.
import { newId } from '@/ids'
import { findCell } from './choice'
import { refresh, send, sendIn } from './connection'
import { timeOf } from './records'
import { paySignOut } from './sign-out'
import { own, serverNow, state } from './state'
import { openStorage, readTaps } from './storage'

/** Called once, when the page opens. */
export async function start(): Promise<void> {
  await openStorage()
  // Ids rise from page to page, also when the phone's clock was set back in between.
  if (state.waiting.length) newId(Math.max(serverNow(), ...state.waiting.map((each) => timeOf(each.id))))
  state.ready = true
  window.addEventListener('online', () => void paySignOut().then(() => sendIn(0)))
  window.addEventListener('beforeunload', askBeforeLoss)
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && void wake())
  setInterval(() => {
    state.now = Date.now()
    void paySignOut()
  }, 15_000)
  await wake()
}

/** Where nothing can be kept, taps that were not sent go with the page: the browser asks whether that is meant. */
function askBeforeLoss(event: BeforeUnloadEvent): void {
  if (state.storage !== 'memory' || !state.waiting.some((each) => !each.answered)) return
  event.preventDefault()
  event.returnValue = ''
}

async function wake(): Promise<void> {
  state.now = Date.now()
  if (!(await paySignOut()) || !state.me) return
  void findCell()
  await readTaps()
  if (own.value.length) await send()
  await refresh()
}
