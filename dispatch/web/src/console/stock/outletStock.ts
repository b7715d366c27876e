// What an outlet has and whom it can give to, in one reading.
import { answer, api, type Schemas } from '@/api'
import { everyPage } from '@/every'
import type { Request } from '@/ui/load'

export interface OutletStock {
  code: string
  balances: Schemas['Balance'][]
  /** Sealed bundles at the outlet and with its riders. */
  bundles: Schemas['BundleRow'][]
  riders: Schemas['Rider'][]
  depots: Schemas['Depot'][]
}

/** Balances, sealed bundles, riders and depots of an outlet. */
export async function readOutletStock(
  campaign_id: string,
  { code, outlet_id }: { code: string; outlet_id: string },
  request: Request,
): Promise<OutletStock> {
  const path = { campaign_id }
  const readBundles = (holder: { holder_kind: 'outlet' | 'rider'; holder_code?: string }) =>
    everyPage((cursor) =>
      answer(
        api.GET('/api/campaigns/{campaign_id}/bundles', {
          params: { path, query: { ...holder, limit: 1000, cursor } },
          ...request,
        }),
      ),
    )
  const [balances, sealed, ridersSealed, riders, depots] = await Promise.all([
    everyPage((cursor) =>
      answer(
        api.GET('/api/campaigns/{campaign_id}/stock/balances', {
          params: { path, query: { outlet_code: code, limit: 1000, cursor } },
          ...request,
        }),
      ),
    ),
    readBundles({ holder_kind: 'outlet', holder_code: code }),
    readBundles({ holder_kind: 'rider' }),
    answer(api.GET('/api/riders', { params: { query: { outlet_id } }, ...request })),
    answer(api.GET('/api/depots', request)),
  ])
  return {
    code,
    balances: balances.flatMap((page) => page.balances),
    bundles: [...sealed, ...ridersSealed].flatMap((page) => page.bundles),
    riders,
    depots: depots.filter((each) => each.active),
  }
}
