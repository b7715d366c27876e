// What a tap does: it becomes a record that is on the phone's disk before the screen says so, and is sent a moment
// later.
import { findCell } from './choice'
import { sendIn, SOON_MILLISECONDS } from './connection'
import { carriesQuestion } from './question'
import {
  correctionRecord,
  handoutRecord,
  MOST_COPIES,
  visitRecord,
  type FirstCopyAnswer,
  type TapRecord,
  type VisitResult,
  type Waiting,
} from './records'
import { channelOf, hasPlace, material, serverNow, state, where } from './state'
import { announce, readTaps, showTap, store } from './storage'

const ASK_MILLISECONDS = 60_000

/** Keep one tap on the phone. False: there was no room. */
async function keepTap(record: TapRecord, askUntil?: number): Promise<boolean> {
  const waiting: Waiting = { id: record.id, riderId: state.me!.riderId, record, ...(askUntil ? { askUntil } : {}) }
  try {
    await store.add(waiting)
  } catch {
    state.noRoom = true
    return false
  }
  state.noRoom = false
  showTap(waiting)
  state.now = Date.now()
  announce()
  sendIn(SOON_MILLISECONDS)
  return true
}

/** Copies handed out; returns the ids, none when there was no room. More than one record holds become several. */
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

/** A door at which nothing was handed out; returns the record's id. */
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

/** Answer the first-copy question on the screen, or close it without an answer. */
export async function answerFirstCopy(given: FirstCopyAnswer | null): Promise<void> {
  const id = state.asking
  if (!id) return
  state.asking = null
  await store.answer(id, given, Date.now()).catch(() => false)
  await readTaps()
  announce()
  sendIn(SOON_MILLISECONDS)
}
