// What each refusal means to a person: [what happened, how to fix it, the facts it came with]. Keyed by the stable
// slug of the problem's type. The third is shown only when the answer carries every fact named in braces.
import { ACCESS_PROBLEMS } from './problems.access'
import { CAMPAIGN_PROBLEMS } from './problems.campaigns'
import { COPIES_PROBLEMS } from './problems.copies'

type Pair = readonly [string, string]
export type ProblemWords = readonly [Pair, Pair, Pair?]

export const PROBLEMS: Readonly<Record<string, ProblemWords>> = {
  ...ACCESS_PROBLEMS,
  ...CAMPAIGN_PROBLEMS,
  ...COPIES_PROBLEMS,
}
