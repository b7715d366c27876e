// What the overview and the big screen read: the campaign's figures of now or of a past day, kept fresh by the event
// stream.
import { computed, getCurrentScope, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { answer, api, type Schemas } from '@/api'
import { addDays, dayOf } from '@/format'
import { onChange } from '@/live'
import { shapesOf, type ZoneShape } from '@/map/geometry'
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

/**
 * Outlines change when zones are imported, not when copies are handed out: read once, and again when zones come or
 * go.
 */
export async function readGround(request: Request): Promise<Ground> {
  const collection = await answer(
    api.GET('/api/campaigns/{campaign_id}/coverage/zones.geojson', { params: at(null), ...request }),
  )
  const shapes = shapesOf(collection.features)
  return { shapes, codes: shapes.map((shape) => shape.code).join() }
}

/** What the list shows of a gap: of now, of the day the slider rests on, or of a day it just passes. */
export interface ListedGap {
  rank: number
  code: string
  name: string
  reach: NonNullable<MapRow['reach']>
  missing_households: number
  risk_weight: number
}
interface GapsOfDay {
  day: string | null
  gaps: ListedGap[]
}

/** The gaps among the rows on the map, as the server would list them: the same zones, while its own list is on its way. */
export function gapsOfRows(rows: readonly MapRow[], due: number): ListedGap[] {
  return rows
    .filter((row) => row.standing === 'gap' && row.reach)
    .map((row) => ({
      code: row.code,
      name: row.name,
      reach: row.reach!,
      missing_households: (row.households ?? 0) * Math.max(0, due - row.reach!.median),
      risk_weight: row.risk_weight ?? 1,
    }))
    .sort((a, b) => b.risk_weight * b.missing_households - a.risk_weight * a.missing_households)
    .map((gap, place) => ({ rank: place + 1, ...gap }))
}

export interface Overview {
  /** A past day (YYYY-MM-DD); null: now. */
  day: Ref<string | null>
  summary: Load<Summary>
  zones: Load<Schemas['ZoneCoverages']>
  gaps: Load<GapsOfDay>
  /** The gaps of the day shown: as many as the card and the map say. */
  listed: Readonly<Ref<ListedGap[]>>
  /** When the server last said that the figures of now are these: also where nothing had changed. */
  confirmedAt: Readonly<Ref<Date | null>>
  partners: Load<Partner[]>
  days: Load<Schemas['DayCoverage'][]>
  materials: Load<Schemas['MaterialCoverage'][]>
  channels: Load<Schemas['ChannelCoverage'][]>
  ground: Load<Ground>
  history: Readonly<Ref<Load<Schemas['CoverageHistory']> | null>>
  /** Read the past, once. */
  wantHistory: () => void
  /** Zones of now or of the day, by code. */
  rows: Readonly<Ref<MapRow[]>>
  rowOf: Readonly<Ref<ReadonlyMap<string, MapRow>>>
  today: Readonly<Ref<string>>
  /** First and last day the slider can show; the last one is now. */
  span: Readonly<Ref<{ first: string; last: string; count: number }>>
}

/** Milliseconds after which the figures are confirmed again. */
const ASK_AGAIN = 60_000

/** The day to ask the server for: it follows the slider when that rests. Map and headline follow it at once. */
function useRestingDay(day: Ref<string | null>): Ref<string | null> {
  const asked = ref<string | null>(null)
  let timer = 0
  watch(day, (now) => {
    window.clearTimeout(timer)
    timer = window.setTimeout(() => (asked.value = now), now === null ? 0 : 180)
  })
  return asked
}

/** Resolves when each of these has been read, or cannot be. */
function settled(loads: readonly Load<unknown>[]): Promise<void> {
  return new Promise((resolve) => {
    const stop = watch(
      () => loads.every((load) => load.data !== null || load.problem !== null),
      (there) => there && window.setTimeout(() => (stop(), resolve())),
    )
  })
}

/** The history of the campaign, read once somebody wants it. */
function useHistory(): Pick<Overview, 'history' | 'wantHistory'> {
  const history = shallowRef<Load<Schemas['CoverageHistory']> | null>(null)
  // Asked for after the first picture, and still given up with the page.
  const scope = getCurrentScope()!
  function wantHistory(): void {
    if (scope.active) history.value ??= scope.run(() => useLoad(readCoverageHistory)) ?? null
  }
  return { history, wantHistory }
}

/** The zones of now, or of the past day the slider shows. */
function useRows(
  day: Ref<string | null>,
  zones: Load<Schemas['ZoneCoverages']>,
  history: Overview['history'],
): Pick<Overview, 'rows' | 'rowOf'> {
  const now = computed(() => (zones.data?.zones ?? []).map(rowOfNow))
  const nowOf = computed(() => new Map(now.value.map((row) => [row.code, row])))
  const rows = computed(() => {
    const past = history.value?.data
    const place = day.value && past ? past.days.indexOf(day.value) : -1
    return place < 0 ? now.value : rowsOfDay(past!, place, nowOf.value)
  })
  return { rows, rowOf: computed(() => new Map(rows.value.map((row) => [row.code, row]))) }
}

/** What the slider can show: from the campaign's first day until today. */
function useSpan(zones: Load<Schemas['ZoneCoverages']>): Pick<Overview, 'today' | 'span'> {
  const today = computed(() => dayOf(zones.data?.as_of ?? serverNow()))
  const span = computed(() => {
    const first = campaign.value!.starts_on
    const last = today.value < first ? first : today.value
    return { first, last, count: Math.round((Date.parse(last) - Date.parse(first)) / 86_400_000) + 1 }
  })
  return { today, span }
}

export function useOverview(refreshed: () => void = () => undefined): Overview {
  const day = ref<string | null>(null)
  const asked = useRestingDay(day)
  const summary = useLoad((request) => readCoverage(asked.value, request), [asked])
  const zones = useLoad(readCoverageZones)
  const ground = useLoad(readGround)
  // Map and headline first; what is on other tabs and below the fold is asked for when they are there, or cannot be.
  const first = settled([summary, zones, ground])
  const later =
    <T>(read: (day: string | null, request: Request) => Promise<T>) =>
    async (request: Request) => {
      await first
      return read(asked.value, request)
    }
  const gaps = useLoad(
    later(async (of, request): Promise<GapsOfDay> => ({ day: of, gaps: await readCoverageGaps(of, request) })),
    [asked],
  )
  const days = useLoad(later((_, request) => readCoverageDays(request)))
  const partners = useLoad(later(readCoveragePartners), [asked])
  const materials = useLoad(later(readCoverageMaterials), [asked])
  const channels = useLoad(later(readCoverageChannels), [asked])
  const { history, wantHistory } = useHistory()
  const { today, span } = useSpan(zones)

  // A new day has begun: yesterday is past now.
  watch(today, () => void history.value?.refresh())
  watch(zones, () => {
    const codes = zones.data?.zones.map((zone) => zone.code).join()
    if (ground.data && codes !== undefined && codes !== ground.data.codes && !ground.loading) void ground.refresh()
  })
  const loads = { summary, zones, gaps, days, partners, materials, channels }
  onChange(() => {
    for (const load of Object.values(loads)) void load.refresh()
    refreshed()
  })
  // The cut-off moves with the clock, also while nothing changes; a hidden page asks nothing.
  const timer = window.setInterval(() => !document.hidden && void summary.refresh(), ASK_AGAIN)
  onScopeDispose(() => window.clearInterval(timer))
  const { rows, rowOf } = useRows(day, zones, history)
  const listed = computed(() => {
    if (gaps.data?.day === day.value) return gaps.data.gaps
    const past = history.value?.data
    const place = day.value && past ? past.days.indexOf(day.value) : -1
    return gapsOfRows(rows.value, place < 0 ? (summary.data?.due_reach ?? 0) : past!.area.due_reach[place]!)
  })
  const confirmedAt = computed(() =>
    summary.readAt === null ? null : new Date(serverNow().getTime() - (Date.now() - summary.readAt)),
  )
  return { day, ...loads, ground, history, wantHistory, rows, rowOf, listed, confirmedAt, today, span }
}

/** How the slider's place and a day belong together; the last place is now. */
export const dayAt = (first: string, place: number): string => addDays(first, place)
