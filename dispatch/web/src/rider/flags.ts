// Questions to this rider: read, and answered in the rider's own words.
import { answer, api, BACKGROUND } from '@/api'
import { state } from './state'

/** `read_own_flags`. Throws a Problem. */
export async function readOwnFlags(): Promise<void> {
  state.flags = await answer(api.GET('/api/flags/own', { headers: BACKGROUND }))
}

/** `answer_flag`. Throws a Problem; the words stay on the screen. */
export async function answerFlag(flagId: string, text: string): Promise<void> {
  await answer(api.POST('/api/flags/{flag_id}/answer', { params: { path: { flag_id: flagId } }, body: { text } }))
  await readOwnFlags()
}
