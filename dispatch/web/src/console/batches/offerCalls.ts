// What the page of offers asks the server for: batches to their last page, and many claims at once.
import { answer, api, asProblem, Problem, type Schemas } from '@/api'
import { everyPage } from '@/every'
import { parts, type ClaimIds } from './chosen'

type Batch = Schemas['Batch']
type Claim = Schemas['Claim']

export async function readBatches(campaign_id: string, status: 'open' | 'mine', request: object): Promise<Batch[]> {
  const pages = await everyPage((cursor) =>
    answer(
      api.GET('/api/campaigns/{campaign_id}/batches', {
        params: { path: { campaign_id }, query: { status, limit: 200, cursor } },
        ...request,
      }),
    ),
  )
  return pages.flatMap((page) => page.batches)
}

export interface Claimed {
  made: Claim[]
  /** By batch, why it could not be claimed. */
  refused: Map<string, Problem>
  /** What cut the work short. The same ids go again: what was made already is not made twice. */
  problem: Problem | null
}
const reasonOf = (document: Record<string, unknown>) =>
  new Problem(
    String(document.type ?? '').replace(/^.*\/problems\//, ''),
    Number(document.status),
    String(document.detail ?? ''),
    document,
  )

/** Claim batches in their order for one outlet; empty: it is named at the depot. */
export async function claimAll(batchIds: readonly string[], outlet: string, ids: ClaimIds): Promise<Claimed> {
  const done: Claimed = { made: [], refused: new Map(), problem: null }
  try {
    for (const part of parts(batchIds)) {
      const claims = part.map((batch_id) => ({ batch_id, claim_id: ids.of(batch_id, outlet) }))
      const { verdicts } = await answer(api.POST('/api/claims', { body: { claims, outlet_code: outlet || null } }))
      for (const { batch_id, claim, problem } of verdicts)
        if (claim) done.made.push(claim)
        else done.refused.set(batch_id, reasonOf(problem ?? {}))
    }
  } catch (error) {
    done.problem = asProblem(error)
  }
  return done
}
