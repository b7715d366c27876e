// A campaign as it is being typed, judged by the rules the server has, so that each fault is shown at its field.
import type { Schemas } from '@/api'
import { addDays, mondayOf } from '@/format'
import { numberOf } from '@/ui/typed'

export interface WaveDraft {
  name: string
  starts_on: string
  ends_on: string
  /** Per cent, as typed. */
  share: string
  zones: string
}
export interface CampaignDraft {
  code: string
  name: string
  starts_on: string
  ends_on: string
  /** Per cent, as typed. */
  target: string
  retention: string
  /** Hours; 0: riders are not asked for the PIN again. */
  idle: string
  waves: WaveDraft[]
}
export type Fault =
  | 'code'
  | 'name'
  | 'dates'
  | 'target'
  | 'retention'
  | 'idle'
  | 'wave_dates'
  | 'wave_inside'
  | 'wave_order'
  | 'wave_share'
  | 'last_share'
/** By field: `code`, `waves.0.starts_on` … */
export type Faults = Record<string, Fault>

const CODE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/
const LONGEST_DAYS = 731
const within = (value: number, low: number, high: number) => Number.isFinite(value) && value >= low && value <= high
export const zoneCodes = (text: string): string[] => [
  ...new Set(
    text
      .normalize('NFKC')
      .split(/[\s,;\u3001]+/)
      .filter(Boolean),
  ),
]

export function faultsOf(draft: CampaignDraft): Faults {
  const faults: Faults = {}
  if (!CODE.test(draft.code.trim())) faults.code = 'code'
  if (!draft.name.trim()) faults.name = 'name'
  if (
    !draft.starts_on ||
    !draft.ends_on ||
    draft.ends_on < draft.starts_on ||
    draft.ends_on > addDays(draft.starts_on, LONGEST_DAYS)
  )
    faults.ends_on = 'dates'
  if (!within(numberOf(draft.target), 0.1, 100)) faults.target = 'target'
  if (!within(numberOf(draft.retention), 1, 3650) || !Number.isInteger(numberOf(draft.retention)))
    faults.retention = 'retention'
  if (!within(numberOf(draft.idle), 0, 720) || !Number.isInteger(numberOf(draft.idle))) faults.idle = 'idle'
  let before: WaveDraft | null = null
  draft.waves.forEach((wave, index) => {
    const at = `waves.${index}`
    if (!wave.name.trim()) faults[`${at}.name`] = 'name'
    if (!wave.starts_on || !wave.ends_on || wave.ends_on < wave.starts_on) faults[`${at}.ends_on`] = 'wave_dates'
    else if (wave.starts_on < draft.starts_on || wave.ends_on > draft.ends_on) faults[`${at}.starts_on`] = 'wave_inside'
    if (before && wave.starts_on && wave.starts_on <= before.ends_on) faults[`${at}.starts_on`] = 'wave_order'
    const part = numberOf(wave.share)
    if (!within(part, before ? numberOf(before.share) || 0 : 0, 100)) faults[`${at}.share`] = 'wave_share'
    else if (index === draft.waves.length - 1 && part !== 100) faults[`${at}.share`] = 'last_share'
    before = wave
  })
  return faults
}

/** What is sent. Shares are rounded to what was typed: 44 % is 0.44, not 0.44000000000000006. */
export function campaignOf(draft: CampaignDraft, campaignId: string): Schemas['NewCampaign'] {
  const part = (text: string) => Math.round(numberOf(text) * 100) / 10_000
  return {
    campaign_id: campaignId,
    code: draft.code.trim(),
    name: draft.name.trim(),
    starts_on: draft.starts_on,
    ends_on: draft.ends_on,
    target_reach: part(draft.target),
    retention_days: numberOf(draft.retention),
    rider_idle_hours: numberOf(draft.idle),
    waves: draft.waves.map((wave, index) => ({
      number: index + 1,
      name: wave.name.trim(),
      starts_on: wave.starts_on,
      ends_on: wave.ends_on,
      planned_share: part(wave.share),
      zone_codes: zoneCodes(wave.zones),
    })),
  }
}

const typed = (part: number) => String(Math.round(part * 10_000) / 100)
export function draftOf(campaign: Schemas['Campaign']): CampaignDraft {
  return {
    code: campaign.code,
    name: campaign.name,
    starts_on: campaign.starts_on,
    ends_on: campaign.ends_on,
    target: typed(campaign.target_reach),
    retention: String(campaign.retention_days),
    idle: String(campaign.rider_idle_hours),
    waves: campaign.waves.map((wave) => ({
      name: wave.name,
      starts_on: wave.starts_on,
      ends_on: wave.ends_on,
      share: typed(wave.planned_share),
      zones: (wave.zone_codes ?? []).join(' '),
    })),
  }
}

/** So many waves of whole weeks from Monday, as even as weeks allow, with even shares. */
export function evenWaves(
  starts_on: string,
  ends_on: string,
  wanted: number,
  nameOf: (number: number) => string,
): WaveDraft[] {
  const mondays: string[] = []
  for (let monday = mondayOf(starts_on); monday <= ends_on; monday = addDays(monday, 7)) mondays.push(monday)
  const count = Math.min(wanted, mondays.length)
  return Array.from({ length: count }, (_, index) => {
    const first = mondays[Math.floor((index * mondays.length) / count)]!
    const next = mondays[Math.floor(((index + 1) * mondays.length) / count)]
    return {
      name: nameOf(index + 1),
      starts_on: first < starts_on ? starts_on : first,
      ends_on: next ? addDays(next, -1) : ends_on,
      share: String(Math.round(((index + 1) * 100) / count)),
      zones: '',
    }
  })
}

export const isMonday = (iso: string): boolean => mondayOf(iso) === iso
