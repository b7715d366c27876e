// What the pages of plans add up from a plan's lines, and the form as it is typed. Reach itself comes from the server.
import type { Schemas } from '@/api'
import { numberOf } from '@/ui/typed'

export type Line = Schemas['AllocationLine']
export type Certificate = Schemas['Certificate']

export const GROUPS = ['elderly', 'students', 'migrant_workers', 'temporary_residents', 'women'] as const

export interface PlanForm {
  material: string
  copies: string
  wave: number | null
  /** Codes of the zones it is confined to; none: all. */
  zones: string[]
  ignore_promises: boolean
  /** Per cent, as typed. */
  floor: string
  within_capacity: boolean
  assign_partners: boolean
  groups: Record<string, string>
  months: string
  spread: string
  /** Per cent, as typed. */
  genuine: string
}
export const blankForm = (): PlanForm => ({
  material: '',
  copies: '',
  wave: null,
  zones: [],
  ignore_promises: false,
  floor: '0',
  within_capacity: true,
  assign_partners: false,
  groups: Object.fromEntries(GROUPS.map((group) => [group, '1'])),
  months: '12',
  spread: '1.5',
  genuine: '95',
})

const within = (text: string, low: number, high: number) => numberOf(text) >= low && numberOf(text) <= high
const isWhole = (text: string) => Number.isInteger(numberOf(text))

export type Fault = 'material' | 'copies' | 'floor' | 'weight' | 'months' | 'spread' | 'genuine'
export function faultsOf(form: PlanForm): Record<string, Fault> {
  const faults: Record<string, Fault> = {}
  if (!form.material) faults.material = 'material'
  if (!isWhole(form.copies) || !within(form.copies, 1, 50_000_000)) faults.copies = 'copies'
  if (!within(form.floor, 0, 99)) faults.floor = 'floor'
  for (const [group, weight] of Object.entries(form.groups))
    if (!within(weight, 0, 1000)) faults[`groups.${group}`] = 'weight'
  if (!isWhole(form.months) || !within(form.months, 1, 120)) faults.months = 'months'
  if (!within(form.spread, 0, 20)) faults.spread = 'spread'
  if (!within(form.genuine, 1, 100)) faults.genuine = 'genuine'
  return faults
}

/** What is sent; groups that weigh 1 are left out, since they change nothing. */
export function requestOf(form: PlanForm, allocationId: string): Schemas['NewAllocation'] {
  const part = (text: string) => Math.round(numberOf(text) * 1000) / 100_000
  return {
    allocation_id: allocationId,
    material_code: form.material,
    copies: numberOf(form.copies),
    wave_number: form.wave,
    zone_codes: form.zones,
    ignore_promises: form.ignore_promises,
    floor: part(form.floor),
    weights: {
      incident_months: numberOf(form.months),
      by_zone: {},
      by_group: Object.fromEntries(
        Object.entries(form.groups)
          .filter(([, weight]) => numberOf(weight) !== 1)
          .map(([group, weight]) => [group, numberOf(weight)]),
      ),
    },
    spread: numberOf(form.spread),
    genuine_share: part(form.genuine),
    within_capacity: form.within_capacity,
    assign_partners: form.within_capacity && form.assign_partners,
  }
}

export interface ZoneSum {
  code: string
  name: string
  copies: number
  households: number | null
  /** Expected reach by what was handed out; by what the plan counts on; and after the plan. */
  before: number | null
  counted: number | null
  after: number | null
  weight: number
}

/** A plan's lines by zone: with partners assigned a zone has several, each with the reach of the whole zone. */
export function byZone(lines: readonly Line[]): ZoneSum[] {
  const sums = new Map<string, ZoneSum>()
  for (const line of lines) {
    const sum = sums.get(line.zone_code)
    if (sum) sum.copies += line.copies
    else
      sums.set(line.zone_code, {
        code: line.zone_code,
        name: line.zone_name,
        copies: line.copies,
        households: line.households,
        before: line.expected_reach_before,
        counted: line.expected_reach_committed,
        after: line.expected_reach_after,
        weight: line.risk_weight,
      })
  }
  return [...sums.values()]
}

/** Weighted households newly reached by the lines as they are: what the certificate calls its objective. */
export const gainOf = (lines: readonly Line[]): number =>
  byZone(lines).reduce(
    (sum, zone) => sum + zone.weight * (zone.households ?? 0) * ((zone.after ?? 0) - (zone.counted ?? 0)),
    0,
  )

/** Batches that approval would make of lines with at most so many copies each. */
export const batchCount = (lines: readonly Line[], most: number): number =>
  most > 0 ? lines.reduce((sum, line) => sum + Math.ceil(line.copies / most), 0) : 0

/** A gap of a proof as people write it: 0, or a power of ten. */
export const gapText = (gap: number): string => (Math.abs(gap) < 1e-15 ? '0' : gap.toExponential(0))

/** A floor that can be kept, never rounded up, in per cent with one digit. */
export const safeFloor = (floor: number): string => String(Math.floor(floor * 1000 - 1e-9) / 10)
