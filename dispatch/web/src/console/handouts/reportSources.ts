// What a report's sheet is made of: the firm's outlets, zones and materials, and one outlet's account of a day.
import { answer, api, type Schemas } from '@/api'
import { everyPage } from '@/every'
import type { Request } from '@/ui/load'
import { keyOf } from './reportDraft'

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

export interface Courier {
  code: string
  name: string
  active: boolean
}
export interface OutletAccount {
  /** Copies at the outlet, by material code. */
  stock: Map<string, number>
  /** Copies in the hands of each of its riders, by `keyOf(rider, material)`. */
  held: Map<string, number>
  couriers: Courier[]
  /** Codes of the zones the outlet has declared. */
  served: string[]
  hours: Schemas['HandoutHour'][]
}

/** The outlet's stock and its riders' copies, its declared zones, and what is on record for the day. */
export async function readOutletAccount(
  campaign_id: string,
  outlet: { code: string; outlet_id: string },
  day: string,
  request: Request,
): Promise<OutletAccount> {
  const path = { campaign_id }
  const { code, outlet_id } = outlet
  const [pages, capacity, hours, riders] = await Promise.all([
    everyPage((cursor) =>
      answer(
        api.GET('/api/campaigns/{campaign_id}/stock/balances', {
          params: { path, query: { outlet_code: code, limit: 1000, cursor } },
          ...request,
        }),
      ),
    ),
    answer(
      api.GET('/api/campaigns/{campaign_id}/capacity', { params: { path, query: { outlet_code: code } }, ...request }),
    ),
    answer(
      api.GET('/api/campaigns/{campaign_id}/handouts/hours', {
        params: { path, query: { outlet_code: code, day } },
        ...request,
      }),
    ),
    answer(api.GET('/api/riders', { params: { query: { outlet_id } }, ...request })),
  ])
  const balances = pages.flatMap((page) => page.balances)
  const of = (kind: string) => balances.filter((each) => each.holder_kind === kind)
  return {
    stock: new Map(of('outlet').map((each) => [each.material_code, each.copies])),
    held: new Map(of('rider').map((each) => [keyOf(each.holder_code ?? '', each.material_code), each.copies])),
    couriers: riders.map((each) => ({ code: each.code, name: each.name ?? each.code, active: each.active })),
    served: [...new Set(capacity.rows.map((each) => each.zone_code))],
    hours,
  }
}
