// Accounts of invited firms and their one-time passwords: on this page alone, until it is left or reloaded.
import { shallowRef } from 'vue'
import { answer, api, type Schemas } from '@/api'

export const letters = shallowRef<Schemas['PartnerAccount'][]>([])
const MOST = 50

/** An account for each of these partners; one that is in use keeps its password, and the letter says so. */
export async function makeAccounts(codes: readonly string[]): Promise<void> {
  const made: Schemas['PartnerAccount'][] = []
  for (let from = 0; from < codes.length; from += MOST)
    made.push(
      ...(await answer(
        api.POST('/api/accounts/for-partners', { body: { partner_codes: codes.slice(from, from + MOST) } }),
      )),
    )
  letters.value = made
}
