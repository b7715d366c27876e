import { expect, it } from 'vitest'
import { handoutRecord, visitRecord, type Refused, type TapRecord } from './records'
import { groupsOf } from './refusals'

const NOW = Date.UTC(2027, 3, 20, 2)
const WHERE = { cell: null, zoneId: 'z' }
const handout = (materialId: string, minute = 0) =>
  handoutRecord(NOW + minute * 60_000, WHERE, { campaignId: 'c', materialId, channel: 'in_person', copies: 2 })
const refused = (record: TapRecord, slug: string, facts = {}): Refused => ({
  id: record.id,
  riderId: 'r',
  record,
  slug,
  facts,
})
const holding = (material_id: string, quantity: number) => ({ material_id, quantity }) as never

it('makes one card of ten taps refused for one reason', () => {
  const ten = Array.from({ length: 10 }, (_, minute) => refused(handout('m', minute), 'not-held'))
  const door = refused(visitRecord(NOW, WHERE, 'c', 'declined', 1), 'unknown-zone')
  expect(groupsOf([...ten, door], [])).toMatchObject([
    { slug: 'not-held', kind: 'handout', records: 10, count: 20, held: null },
    { slug: 'unknown-zone', kind: 'visit', records: 1, count: 1 },
  ])
  const [group] = groupsOf(ten, [])
  expect([group!.first, group!.last].map((at) => at.slice(11, 16))).toEqual(['02:00', '02:09'])
})

it('says how many copies are on record, also when the answer that said so was lost', () => {
  const group = (facts: object, ...holdings: never[]) =>
    groupsOf([refused(handout('m'), 'not-enough-stock', facts)], holdings)[0]!.held
  expect(group({ held: 3 }, holding('m', 7))).toBe(3)
  expect(group({}, holding('other', 7), holding('m', 0))).toBe(0)
  expect(group({}, holding('other', 7))).toBeNull()
})
