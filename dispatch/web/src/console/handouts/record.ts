// What a refused record says, in the few facts that are counted; whatever else was sent is not repeated on a page.
import { moment, day, whole } from '@/format'
import { translator } from '@/messages'
import { COMMON } from '@/messages/common'
import { HANDOUTS } from './messages.planner'

/**
 * Causes that a later event can remove; such records are tried again by themselves. As dispatch/handouts/rules.py has
 * them.
 */
export const CURABLE = new Set([
  'not-held',
  'not-enough-stock',
  'unknown-handout',
  'outside-zones',
  'unknown-zone',
  'campaign-not-open',
  'clock-ahead',
])

export interface Names {
  zones: ReadonlyMap<string, string>
  materials: ReadonlyMap<string, string>
}

export function describe(record: unknown, names: Names): string {
  const t = translator(HANDOUTS)
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return '–'
  const fields = record as Record<string, unknown>
  const text = (name: string) => (typeof fields[name] === 'string' ? (fields[name] as string) : null)
  const number = (name: string) => (typeof fields[name] === 'number' ? (fields[name] as number) : null)
  const copies = number('copies')
  const parts: (string | null | undefined)[] = [
    fields.kind === 'correction' ? t('said_correction') : null,
    names.materials.get(text('material_id') ?? text('material_code') ?? '') ?? text('material_code'),
    copies === null ? null : t('said_copies', { n: copies === 1 ? 1 : whole(copies) }),
    number('visits') === null ? null : t('said_doors', { n: number('visits')! }),
    text('channel') && `channel_${text('channel')}` in COMMON
      ? t(`channel_${text('channel')}` as 'channel_in_person')
      : null,
    names.zones.get(text('zone_id') ?? '') ?? (text('zone_code') ? t('said_zone', { code: text('zone_code')! }) : null),
    text('outlet_code') ? t('said_outlet', { code: text('outlet_code')! }) : null,
    timeOf(text('handed_out_at') ?? text('corrected_at') ?? text('visited_at'), text('day')),
  ]
  return parts.filter(Boolean).join(' · ') || '–'
}

function timeOf(instant: string | null, plain: string | null): string | null {
  if (instant && !Number.isNaN(new Date(instant).getTime())) return moment(instant)
  return plain && /^\d{4}-\d\d-\d\d$/.test(plain) ? day(plain) : null
}
