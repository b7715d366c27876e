// What each layer of the planner's map shows: a zone's look, its words, the legend and the colours of the cells.
import type { Schemas } from '@/api'
import { decimal, reach, share, whole } from '@/format'
import type { CellLayer, LegendEntry, Look, Theme } from '@/map/look'
import { translator } from '@/messages'
import { COVERAGE } from './messages'

export const LAYERS = ['reach', 'reported', 'gaps', 'risk', 'plan'] as const
export type LayerName = (typeof LAYERS)[number]

/** A zone's figures as the map and the table show them, of now or of a past day; shares are fractions. */
export interface MapRow {
  code: string
  name: string
  households: number | null
  handed_out: number
  reported: number | null
  reach: { median: number; low: number; high: number } | null
  shade: number
  uncertain: boolean
  standing: Schemas['ZoneCoverage']['standing']
  plan_ratio: number | null
  risk_weight: number | null
}

const REPORTED_EDGES = [0.25, 0.5, 1, 1.5]
const RISK_EDGES = [0.8, 1, 1.25, 1.6]
const PLAN_EDGES = [0.6, 0.9, 1.1, 1.5]

/**
 * One palette and one direction on desk, wall and paper: much is dark on every ground. Reach turns from warm to cool at the
 * target, and each layer has a hue of its own. Distinguishable by lightness alone as well.
 */
const COLOURS = {
  gap: '#b3122f',
  fine: '#dbe6e1',
  reach: ['#fed467', '#ebba5c', '#bdac6d', '#2d8e98', '#275392'],
  reported: ['#d1e0f0', '#a8c1da', '#83a2c2', '#6080a4', '#3f5c82'],
  risk: ['#ecd6e9', '#dbadd0', '#c583af', '#a7588a', '#823564'],
  plan: ['#fed467', '#e0be75', '#96b1b2', '#4691ad', '#2a5d9b'],
} as const
/** What nobody can say: the only colour that goes with the ground. */
const UNKNOWN: Record<Theme, string> = { light: '#c3ccd6', dark: '#33465a' }
const coloursOf = (theme: Theme) => ({ ...COLOURS, grey: UNKNOWN[theme] })

const classOf = (value: number, edges: readonly number[]): number => edges.filter((edge) => value >= edge).length

export function lookOf(row: MapRow | undefined, layer: LayerName, theme: Theme = 'light'): Look {
  const colours = coloursOf(theme)
  const by = (kind: 'reported' | 'risk' | 'plan', value: number | null, edges: readonly number[]): Look => ({
    fill: value === null ? colours.grey : colours[kind][classOf(value, edges)]!,
  })
  if (!row) return { fill: colours.grey }
  switch (layer) {
    case 'reach':
      return { fill: row.shade === 0 ? colours.grey : colours.reach[row.shade - 1]!, hatched: row.uncertain }
    case 'reported':
      return by('reported', row.reported, REPORTED_EDGES)
    case 'gaps':
      return row.standing === null
        ? { fill: colours.grey }
        : row.standing === 'gap'
          ? { fill: colours.gap, dotted: true }
          : { fill: colours.fine, hatched: row.standing === 'undecided' }
    case 'risk':
      return by('risk', row.risk_weight, RISK_EDGES)
    case 'plan':
      return by('plan', row.plan_ratio, PLAN_EDGES)
  }
}

/** The value a layer shows of a zone, in words. */
export function wordsOf(row: MapRow, layer: LayerName): string {
  const t = translator(COVERAGE)
  switch (layer) {
    case 'reach':
      return row.shade === 0 && row.reach ? `${reach(row.reach)} ${t('too_few')}` : reach(row.reach)
    case 'reported':
      return share(row.reported)
    case 'gaps':
      return row.standing === null ? t('not_applicable') : t(`standing_${row.standing}`)
    case 'risk':
      return decimal(row.risk_weight)
    case 'plan':
      return share(row.plan_ratio)
  }
}

/** "20–40 %" for each class between the edges. */
function bands(edges: readonly number[], write: (value: number) => string): string[] {
  const t = translator(COVERAGE)
  const last = edges.length - 1
  if (last < 0) return [] // not read yet
  return [
    t('under', { edge: write(edges[0]!) }),
    ...edges.slice(0, last).map((edge, index) => t('between', { from: write(edge), to: write(edges[index + 1]!) })),
    t('from', { edge: write(edges[last]!) }),
  ]
}

/** `reachEdges`: lower bounds of the classes of reach, as the server has them (`shade_edges`). */
export function legendOf(layer: LayerName, reachEdges: readonly number[], theme: Theme = 'light'): LegendEntry[] {
  const t = translator(COVERAGE)
  const colours = coloursOf(theme)
  const per = (value: number) => share(value)
  const entries = (kind: 'reach' | 'reported' | 'risk' | 'plan', texts: string[]): LegendEntry[] =>
    texts.map((text, index) => ({ fill: colours[kind][index]!, text }))
  switch (layer) {
    case 'reach':
      return [
        ...entries('reach', bands(reachEdges, per)),
        { fill: colours.reach[2]!, hatched: true, text: t('legend_hatched') },
        { fill: colours.grey, text: t('legend_grey') },
      ]
    case 'reported':
      return [
        ...entries('reported', bands(REPORTED_EDGES, per)),
        { fill: colours.grey, text: t('legend_no_households') },
      ]
    case 'gaps':
      return [
        { fill: colours.gap, dotted: true, text: t('standing_gap') },
        { fill: colours.fine, hatched: true, text: t('standing_undecided') },
        { fill: colours.fine, text: t('standing_on_course') },
        { fill: colours.grey, text: t('legend_no_households') },
      ]
    case 'risk':
      return [
        ...entries(
          'risk',
          bands(RISK_EDGES, (value) => decimal(value)),
        ),
        { fill: colours.grey, text: t('not_applicable') },
      ]
    case 'plan':
      return [...entries('plan', bands(PLAN_EDGES, per)), { fill: colours.grey, text: t('legend_no_plan') }]
  }
}

/** Cells know copies and households only: they are drawn for reach and for reported coverage. */
export function cellsOf(layer: LayerName, url: string, from: number, theme: Theme = 'light'): CellLayer | null {
  const colours = coloursOf(theme)
  if (layer === 'reach')
    return {
      url,
      from,
      attribute: 'class',
      colours: [colours.grey, ...colours.reach],
      edges: [1, 2, 3, 4, 5],
      unknown: colours.grey,
      hatched: true,
    }
  if (layer === 'reported')
    return {
      url,
      from,
      attribute: 'reported',
      colours: colours.reported,
      edges: REPORTED_EDGES.map((edge) => edge * 100),
      unknown: colours.grey,
    }
  return null
}

/** What the server says of now, as a row of the map. */
export const rowOfNow = (zone: Schemas['ZoneCoverage']): MapRow => ({
  code: zone.code,
  name: zone.name,
  households: zone.households,
  handed_out: zone.handed_out,
  reported: zone.reported,
  reach: zone.reach,
  shade: zone.shade ?? 0,
  uncertain: !!zone.uncertain,
  standing: zone.standing,
  plan_ratio: zone.plan_ratio,
  risk_weight: zone.risk_weight,
})

function standingOf(history: Schemas['CoverageHistory'], zone: number, place: number): MapRow['standing'] {
  if (history.gap[zone]![place] === 1) return 'gap'
  if (history.undecided[zone]![place] === 1) return 'undecided'
  return history.area.due_reach[place] ? 'on_course' : 'not_due'
}

/** What the history says of a past day. Names, households and weights are those of now: the ground has no history. */
export function rowsOfDay(
  history: Schemas['CoverageHistory'],
  place: number,
  now: ReadonlyMap<string, MapRow>,
): MapRow[] {
  const fraction = (value: number | null | undefined) => (value === null || value === undefined ? null : value / 100)
  return history.zones.map((code, zone) => {
    const [median, low, high] = [history.median, history.low, history.high].map((column) =>
      fraction(column[zone]![place]),
    )
    const today = now.get(code)
    return {
      code,
      name: today?.name ?? code,
      households: today?.households ?? null,
      handed_out: history.handed_out[zone]![place]!,
      reported: fraction(history.reported[zone]![place]),
      reach: median === null || median === undefined ? null : { median, low: low!, high: high! },
      shade: history.shade[zone]![place]!,
      uncertain: history.uncertain[zone]![place] === 1,
      standing: median === null || median === undefined ? null : standingOf(history, zone, place),
      plan_ratio: fraction(history.plan_ratio[zone]![place]),
      risk_weight: today?.risk_weight ?? null,
    }
  })
}

/** A line for the pointer and for screen readers. */
export const tellRow = (row: MapRow): string => {
  const t = translator(COVERAGE)
  return t('row_told', {
    households: whole(row.households),
    copies: whole(row.handed_out),
    reach: reach(row.reach),
    reported: share(row.reported),
  })
}
