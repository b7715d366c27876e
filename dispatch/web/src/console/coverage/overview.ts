// What the overview and the big screen read: the campaign's figures of now or of a past day, kept fresh by the event stream.
import { computed, getCurrentScope, ref, shallowRef, watch, type Ref } from 'vue'
import { answer, api, type Schemas } from '@/api'
import { addDays, dayOf } from '@/format'
import { onChange } from '@/live'
import type { ZoneShape } from '@/map/geometry'
import { campaign, serverNow } from '@/session'
import { useLoad, type Load, type Request } from '@/ui/load'
import { rowOfNow, rowsOfDay, type MapRow } from './layers'

export type Summary = Schemas['CoverageSummary']
export type Gap = Schemas['Gap']
export type Partner = Schemas['PartnerCoverage']

interface Ground {
  shapes: ZoneShape[]
  codes: string
}

/** `params` of a call for the campaign, at a past day or now. */
const at = (day: string | null) => ({
  path: { campaign_id: campaign.value!.campaign_id },
  query: day ? { as_of: day } : {},
})

export const readCoverage = (day: string | null, request: Request) =>
  answer(api.GET('/api/campaigns/{campaign_id}/coverage', { params: at(day), ...request }))
export const readCoverageZones = (request: Request) =>
  answer(api.GET('/api/campaigns/{campaign_id}/coverage/zones', { params: at(null), ...request }))
export const readCoverageGaps = (day: string | null, request: Request) =>
  answer(api.GET('/api/campaigns/{campaign_id}/coverage/gaps', { params: at(day), ...request }))
export const readCoveragePartners = (day: string | null, request: Request) =>
  answer(api.GET('/api/campaigns/{campaign_id}/coverage/partners', { params: at(day), ...request }))
export const readCoverageDays = (request: Request) =>
  answer(api.GET('/api/campaigns/{campaign_id}/coverage/days', { params: at(null), ...request }))
export const readCoverageMaterials = (day: string | null, request: Request) =>
  answer(api.GET('/api/campaigns/{campaign_id}/coverage/materials', { params: at(day), ...request }))
export const readCoverageChannels = (day: string | null, request: Request) =>
  answer(api.GET('/api/campaigns/{campaign_id}/coverage/channels', { params: at(day), ...request }))
export const readCoverageHistory = (request: Request) =>
  answer(api.GET('/api/campaigns/{campaign_id}/coverage/history', { params: { path: at(null).path }, ...request }))

/** Outlines change when zones are imported, not when copies are handed out: read once, and again when zones come or go. */
export async function readGround(request: Request): Promise<Ground> {
  const found = await answer(
    api.GET('/api/campaigns/{campaign_id}/coverage/zones.geojson', { params: at(null), ...request }),
  )
  const shapes = found.features.map((feature) => ({
    code: feature.id,
    name: String(feature.properties.name),
    geometry: feature.geometry as unknown as ZoneShape['geometry'],
  }))
  return { shapes, codes: shapes.map((shape) => shape.code).join() }
}

export interface Overview {
  /** A past day (YYYY-MM-DD); null: now. */
  day: Ref<string | null>
  summary: Load<Summary>
  zones: Load<Schemas['ZoneCoverages']>
  gaps: Load<Gap[]>
  partners: Load<Partner[]>
  days: Load<Schemas['DayCoverage'][]>
  materials: Load<Schemas['MaterialCoverage'][]>
  channels: Load<Schemas['ChannelCoverage'][]>
  ground: Load<Ground>
  history: Readonly<Ref<Load<Schemas['CoverageHistory']> | null>>
  /** Begin to read the past, once. */
  wantHistory: () => void
  /** Zones of now or of the day, by code. */
  rows: Readonly<Ref<MapRow[]>>
  rowOf: Readonly<Ref<ReadonlyMap<string, MapRow>>>
  today: Readonly<Ref<string>>
  /** First and last day the slider can show; the last one is now. */
  span: Readonly<Ref<{ first: string; last: string; count: number }>>
}

export function useOverview(refreshed: () => void = () => undefined): Overview {
  const day = ref<string | null>(null)
  // Figures of a day are asked for when the slider rests; the map and the headline follow it at once by the history.
  const asked = ref<string | null>(null)
  let timer = 0
  watch(day, (now) => {
    window.clearTimeout(timer)
    timer = window.setTimeout(() => (asked.value = now), now === null ? 0 : 180)
  })

  const summary = useLoad((request) => readCoverage(asked.value, request), [asked])
  const zones = useLoad(readCoverageZones)
  const ground = useLoad(readGround)
  // Map and headline first; what lies behind tabs and below the fold is asked for when they are there, or cannot be.
  const first = new Promise<void>((resolve) => {
    const stop = watch(
      () => [summary, zones, ground].every((load) => load.data !== null || load.problem !== null),
      (there) => there && window.setTimeout(() => (stop(), resolve())),
    )
  })
  const later =
    <T>(read: (day: string | null, request: Request) => Promise<T>) =>
    async (request: Request) => {
      await first
      return read(asked.value, request)
    }
  const gaps = useLoad(later(readCoverageGaps), [asked])
  const days = useLoad(later((_, request) => readCoverageDays(request)))
  const partners = useLoad(later(readCoveragePartners), [asked])
  const materials = useLoad(later(readCoverageMaterials), [asked])
  const channels = useLoad(later(readCoverageChannels), [asked])
  const history = shallowRef<Load<Schemas['CoverageHistory']> | null>(null)

  const today = computed(() => dayOf(zones.data?.as_of ?? serverNow()))
  const span = computed(() => {
    const first = campaign.value!.starts_on
    const last = today.value < first ? first : today.value
    return { first, last, count: Math.round((Date.parse(last) - Date.parse(first)) / 86_400_000) + 1 }
  })

  const now = computed(() => (zones.data?.zones ?? []).map(rowOfNow))
  const nowOf = computed(() => new Map(now.value.map((row) => [row.code, row])))
  const rows = computed(() => {
    const past = history.value?.data
    const place = day.value && past ? past.days.indexOf(day.value) : -1
    return place < 0 ? now.value : rowsOfDay(past!, place, nowOf.value)
  })
  const rowOf = computed(() => new Map(rows.value.map((row) => [row.code, row])))

  // Asked for after the first picture, and still given up with the page.
  const scope = getCurrentScope()!
  function wantHistory(): void {
    if (scope.active) history.value ??= scope.run(() => useLoad(readCoverageHistory)) ?? null
  }
  // A new day has begun: yesterday is past now.
  watch(today, () => void history.value?.refresh())
  watch(zones, () => {
    const codes = zones.data?.zones.map((zone) => zone.code).join()
    if (ground.data && codes !== undefined && codes !== ground.data.codes && !ground.loading) void ground.refresh()
  })
  onChange(() => {
    for (const load of [summary, zones, gaps, days, partners, materials, channels]) void load.refresh()
    refreshed()
  })
  return {
    day,
    summary,
    zones,
    gaps,
    partners,
    days,
    materials,
    channels,
    ground,
    history,
    wantHistory,
    rows,
    rowOf,
    today,
    span,
  }
}

/** How the slider's place and a day belong together; the last place is now. */
export const dayAt = (first: string, place: number): string => addDays(first, place)
