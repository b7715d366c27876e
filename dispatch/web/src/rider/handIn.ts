// A rider who was deactivated is signed out; taps of before are still on the phone, and are handed in with the session
// that ended. The server takes nothing else from it, and nothing from a phone whose rider has only to sign in again.
import { shallowRef } from 'vue'
import { answer, api } from '@/api'
import { sendWaiting } from './outbox'
import type { TapRecord } from './records'
import type { Store } from './store'

/** How many records this page has handed in. */
export const handedIn = shallowRef(0)

/** `hand_in_handouts`. True: everything that waited was answered for. Never throws. */
export async function handIn(store: Store, riderId: string, holder: string): Promise<boolean> {
  try {
    const sent = await sendWaiting(store, riderId, holder, async (rider_id, records: TapRecord[]) => ({
      ...(await answer(api.POST('/api/handouts/hand-in', { body: { records, rider_id } }))),
      own_day: null, // A session that ended reads no day.
    }))
    handedIn.value += sent?.settled ?? 0
    return !!sent?.settled
  } catch {
    return false // The rider is asked for the PIN, as after every session that ended.
  }
}
