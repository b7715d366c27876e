import { expect, it } from 'vitest'
import { language } from '@/messages'
import { describe } from './record'

const names = { zones: new Map([['z1', 'Old Town']]), materials: new Map([['m1', 'Handbook']]) }

it('says what was sent in counted facts only', () => {
  language.value = 'en'
  const record = {
    kind: 'handout',
    material_id: 'm1',
    copies: 3,
    channel: 'in_person',
    zone_id: 'z1',
    handed_out_at: '2027-05-01T10:00:00+08:00',
    name: 'somebody',
  }
  expect(describe(record, names)).toBe('Handbook · 3 copies · In person · Old Town · 1 May 2027 10:00')
})

it('copes with a record that is none', () => {
  expect(describe('nonsense', names)).toBe('–')
  expect(describe({ copies: 'three', handed_out_at: 'yesterday' }, names)).toBe('–')
})
