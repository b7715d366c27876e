// What the rider chose once: material, mode, zone, and whether the phone may be asked for its map cell.
import type { PackCell } from './cells'
import { agreesTo, answerPrivacyNotice, consent } from './consent'
import { locateCell } from './location'
import { state, type Choice } from './state'
import { keep, store } from './storage'

/** Remember a choice on this phone. */
export async function choose(part: Partial<Choice>): Promise<void> {
  Object.assign(state.choice, part)
  await keep('choice', state.choice)
}

/** Agree to the use of location, or withdraw it. Throws a Problem when agreeing needs the server and there is none. */
export async function allowLocation(given: boolean): Promise<void> {
  if (given && !agreesTo('location')) await answerPrivacyNotice('location', true)
  await choose({ location: given })
  if (given) return findCell()
  // The withdrawal counts here at once; it is sent to the server as soon as there is signal.
  state.cell = null
  await keep('withdraws', true)
  await sendWithdrawal()
}

/** Send a withdrawal of location that the server has not received yet. Never throws. */
export async function sendWithdrawal(): Promise<void> {
  if (!(await store.read<boolean>('withdraws'))) return
  if (agreesTo('location') && !state.choice.location)
    await answerPrivacyNotice('location', false).catch(() => undefined)
  if (consent.value && !agreesTo('location')) await keep('withdraws', false)
}

/** Find the cell the phone is in, when the rider allows it. The coordinates are gone when this returns. */
export async function findCell(): Promise<void> {
  if (!state.choice.location || !state.pack) return
  const cell = await locateCell(
    state.pack.datum,
    state.pack.zones.flatMap((each) => each.cells as PackCell[]),
  )
  // Withdrawn while the phone was still looking: it counts as not found.
  if (!state.choice.location) return
  state.locationDenied = cell === 'denied'
  if (cell === 'denied') await allowLocation(false)
  else if (cell) state.cell = { id: cell, at: Date.now() }
  state.now = Date.now()
}
