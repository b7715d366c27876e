// Sends what waits, in order. A record is no more sent only when the server has answered for it, and leaves the phone
// only with a day that holds it.
import { answer, api, asProblem, type Problem, type Schemas } from '@/api'
import { dayWith } from './own-day'
import type { Refused, TapRecord, Waiting } from './records'
import type { Snapshot, Store } from './store'

export const MOST_A_CALL = 200
const LOCK = 'dispatch-rider-outbox'
const LEASE_MILLISECONDS = 60_000
const ANSWER_MILLISECONDS = 45_000

export interface Sent {
  /** Records the server answered for. */
  settled: number
  refused: number
  serverTime: string | null
  /** The figures came with the last answer, and were taken. Otherwise the day is to be read. */
  hasDay: boolean
}

/** `sync_handouts`. Throws a Problem; what it throws says nothing about whether the records arrived. */
export async function syncHandouts(riderId: string, records: TapRecord[]): Promise<Schemas['RiderSyncAnswer']> {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), ANSWER_MILLISECONDS)
  try {
    return await answer(api.POST('/api/handouts/sync', { body: { records, rider_id: riderId }, signal: stop.signal }))
  } finally {
    clearTimeout(timer)
  }
}

/**
 * What the answer says about each record sent. An answer that is not about these records settles none (a hotel's
 * sign-in page is a 200, too).
 */
export function verdicts(
  batch: Waiting[],
  outcomes: Schemas['Outcome'][] | undefined,
): { done: string[]; refused: Refused[] } | null {
  if (!Array.isArray(outcomes) || outcomes.length !== batch.length) return null
  const done: string[] = []
  const refused: Refused[] = []
  for (let i = 0; i < batch.length; i++) {
    const [{ id, riderId, record }, outcome] = [batch[i]!, outcomes[i]!]
    if (outcome.id !== id) return null
    if (outcome.outcome === 'rejected') {
      const { type, title: _, status: __, ...facts } = (outcome.problem ?? {}) as Record<string, unknown>
      refused.push({
        id,
        riderId,
        record,
        slug: String(type ?? '').replace(/^.*\/problems\//, '') || 'unexpected',
        facts,
      })
    } else if (outcome.outcome === 'recorded' || outcome.outcome === 'duplicate') done.push(id)
    else return null
  }
  return { done, refused }
}

/** Send all that waits of this rider. Only one page at a time; null: another one is at it. */
export async function sendWaiting(
  store: Store,
  riderId: string,
  holder: string,
  sync: typeof syncHandouts = syncHandouts,
): Promise<Sent | null> {
  return exclusively(store, holder, async (renew) => {
    const sent: Sent = { settled: 0, refused: 0, serverTime: null, hasDay: false }
    let last: { figures: Schemas['OwnFigures'] | null; before: Snapshot; batch: Waiting[] } | null = null
    for (;;) {
      const batch = await store.next(riderId, MOST_A_CALL, Date.now())
      if (!batch.length) {
        // Only now is nothing left that an earlier call whose answer was lost may have brought into the figures.
        if (last && !sent.refused) sent.hasDay = await takeFigures(store, riderId, last)
        return sent
      }
      await renew()
      const before = await store.snapshot()
      const synced = await sync(
        riderId,
        batch.map((each) => each.record),
      )
      const settled = verdicts(batch, synced?.outcomes)
      if (!settled) throw asProblem(new Error('the answer is not about the records sent'))
      await store.settle(settled)
      sent.settled += batch.length
      sent.refused += settled.refused.length
      sent.serverTime = synced.server_time
      last = { figures: synced.own_day, before, batch }
    }
  })
}

/** Take the figures of the last answer for those of the day. False: they do not say enough, or came too late. */
async function takeFigures(
  store: Store,
  riderId: string,
  { figures, before, batch }: { figures: Schemas['OwnFigures'] | null; before: Snapshot; batch: Waiting[] },
): Promise<boolean> {
  // A refused record that was taken up meanwhile is in the figures already: only the lists show it.
  if (!figures || figures.waiting_refused || before.refused.some((each) => each.riderId === riderId)) return false
  const answered = before.waiting.filter((each) => each.riderId === riderId && each.answered)
  const day = dayWith(before.day, figures, riderId, [...answered, ...batch])
  if (!day) return false
  const held = [...answered, ...batch].map((each) => each.id)
  return store.takeDay({ day, asked: before.days, held, gone: [] }).catch(() => false)
}

/** Two pages sending the same records would only double the traffic: the lock saves the rider's data, ids the count. */
async function exclusively<T>(
  store: Store,
  holder: string,
  work: (renew: () => Promise<unknown>) => Promise<T>,
): Promise<T | null> {
  if (typeof navigator !== 'undefined' && navigator.locks) {
    return navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) =>
      lock ? work(async () => undefined) : null,
    )
  }
  const renew = () => store.lease(holder, Date.now(), Date.now() + LEASE_MILLISECONDS)
  if (!(await renew())) return null
  try {
    return await work(renew)
  } finally {
    await store.lease(holder, Date.now(), 0)
  }
}

/**
 * How long to wait after so many failures in a row: 2 s, 4 s … 5 min, spread so that a thousand phones do not come
 * back at once.
 */
export function pauseAfter(failures: number, problem: Problem | null, chance: number = Math.random()): number {
  const pause = Math.min(300_000, 1000 * 2 ** Math.min(failures, 10)) * (0.5 + chance)
  return Math.max(pause, (problem?.retryAfter ?? 0) * 1000)
}
