// Agreeing to precise positions: needs the server, which alone can say that it counts. Loaded with its page.
import { answer, api, asProblem } from '@/api'
import { newId } from '@/ids'
import { findCell, readHandoutPack, readPositionAgreement, takePositions, tellWithheld } from './phone'
import type { OwnPositions } from './state'

export type Asked = OwnPositions['campaigns'][number]

/** The id of a yes on its way, by permit and version: sent again under the same id until an answer came. */
const ids = new Map<string, string>()

/** `answer_position_agreement` with a yes. Throws a Problem. */
export async function agreeToPosition({ permit_id }: Asked, version: number): Promise<void> {
  // A no that the server has not heard yet comes first.
  await tellWithheld()
  const key = `${permit_id} ${version}`
  const answer_id = ids.get(key) ?? newId()
  ids.set(key, answer_id)
  try {
    await takePositions(answer(api.POST('/api/positions/agreement', { body: { answer_id, permit_id, given: true, version } })))
    ids.delete(key)
  } catch (error) {
    if (!asProblem(error).isUncertain) {
      ids.delete(key)
      await readPositionAgreement().catch(() => undefined)
    }
    throw error
  }
  await readHandoutPack()
  void findCell()
}
