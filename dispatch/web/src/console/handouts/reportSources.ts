// What a report's sheet is made of: the firm's outlets, zones and materials, and one outlet's account of a day.
import { answer, api, type Schemas } from '@/api'
import { everyPage } from '@/every'
import type { Request } from '@/ui/load'

export interface ReportGround {
  outlets: Schemas['Outlet'][]
  zones: (Schemas['DeclarableZone'] & { zone_id: string })[]
  materials: Schemas['Material'][]
}

/** `read_outlets`, `read_zones`, `read_declarable_zones` and `read_materials`, as the sheet needs them. */
export async function readReportGround(campaign_id: string, request: Request): Promise<ReportGround> {
  const path = { campaign_id }
  const [outlets, served, every, materials] = await Promise.all([
    answer(api.GET('/api/outlets', request)),
    answer(api.GET('/api/zones', request)),
    answer(api.GET('/api/campaigns/{campaign_id}/capacity/zones', { params: { path }, ...request })),
    answer(api.GET('/api/campaigns/{campaign_id}/materials', { params: { path }, ...request })),
  ])
  const ids = new Map(served.map((each) => [each.code, each.zone_id]))
  // Couriers go beyond the zones that were declared: every zone can be added.
  const zones = every.map((each) => ({ ...each, zone_id: ids.get(each.code) ?? '' }))
  return { outlets: outlets.filter((each) => each.active), zones, materials }
}

export interface OutletAccount {
  /** Copies at the outlet, by material code. */
  stock: Map<string, number>
  /** Codes of the zones the outlet has declared. */
  served: string[]
  handouts: Schemas['HandoutRow'][]
}

/** The outlet's stock, its declared zones and its handouts of the day. */
export async function readOutletAccount(
  campaign_id: string,
  outlet: { code: string; outlet_id: string },
  day: string,
  request: Request,
): Promise<OutletAccount> {
  const path = { campaign_id }
  const { code, outlet_id } = outlet
  const [balances, capacity, handouts] = await Promise.all([
    everyPage((cursor) =>
      answer(
        api.GET('/api/campaigns/{campaign_id}/stock/balances', {
          params: { path, query: { outlet_code: code, holder_kind: 'outlet', limit: 1000, cursor } },
          ...request,
        }),
      ),
    ),
    answer(
      api.GET('/api/campaigns/{campaign_id}/capacity', { params: { path, query: { outlet_code: code } }, ...request }),
    ),
    answer(
      api.GET('/api/campaigns/{campaign_id}/handouts', { params: { path, query: { day, limit: 500 } }, ...request }),
    ),
  ])
  return {
    stock: new Map(balances.flatMap((page) => page.balances).map((each) => [each.material_code, each.copies])),
    served: [...new Set(capacity.rows.map((each) => each.zone_code))],
    handouts: handouts.filter((each) => each.outlet_id === outlet_id),
  }
}
