import { expect, it } from 'vitest'
import type { Schemas } from '@/api'
import { figuresOf, hoursOf } from './counters'
import { dayWith, heldBy } from './own-day'
import { correctionRecord, handoutRecord, visitRecord, type Refused, type TapRecord, type Waiting } from './records'

const TODAY = '2027-04-20'
const NOW = Date.UTC(2027, 3, 20, 2)
const WHERE = { cell: null, zoneId: 'z' }
const dayOf = (at: string) => new Date(new Date(at).getTime() + 8 * 3_600_000).toISOString().slice(0, 10)
const handout = (copies: number, at = NOW) =>
  handoutRecord(at, WHERE, { campaignId: 'c', materialId: 'm', channel: 'in_person', copies })
const waits = (...records: TapRecord[]): Waiting[] => records.map((record) => ({ id: record.id, riderId: 'r', record }))

function day(
  handouts: [id: string, copies: number, corrected?: number, corrections?: string[]][],
  quantity = 100,
  on = TODAY,
): Schemas['OwnDay'] {
  return {
    rider_id: 'r',
    day: on,
    handed_out: handouts.reduce((sum, [, copies, corrected = 0]) => sum + copies - corrected, 0),
    holdings: [
      {
        campaign_id: 'c',
        material_id: 'm',
        material_code: 'M',
        material_name: '折页',
        material_kind: 'leaflet',
        channels: ['in_person'],
        quantity,
        bundle_copies: 50,
      },
    ],
    handouts: handouts.map(([id, copies, corrected = 0, corrections = []]) => ({
      id,
      campaign_id: 'c',
      material_id: 'm',
      channel: 'in_person',
      copies,
      corrected,
      corrections,
      handed_out_at: '2027-04-20T09:00:00+08:00',
    })),
    visits: [],
    waiting_refused: 0,
    server_time: '2027-04-20T02:00:00Z',
  }
}
const of = (server: Schemas['OwnDay'] | null, ...records: TapRecord[]) =>
  figuresOf(server, waits(...records), [], TODAY, dayOf)
const answered = (record: TapRecord): Waiting => ({ id: record.id, riderId: 'r', record, answered: true })
const refused = (record: TapRecord, slug = 'not-enough-stock'): Refused => ({
  id: record.id,
  riderId: 'r',
  record,
  slug,
  facts: {},
})

it('adds what waits here to what the server counted', () => {
  const figures = of(day([['a', 3]]), handout(2), handout(1))
  expect([figures.done, figures.left.get('m')]).toEqual([6, 97])
  expect(figures.lines.map((each) => [each.count, each.waits])).toEqual([
    [1, true],
    [2, true],
    [3, false],
  ])
})

it('counts a record once when its answer was lost', () => {
  const lost = handout(2)
  const figures = of(day([[lost.id, 2]]), lost, handout(1))
  expect([figures.done, figures.left.get('m')]).toEqual([3, 99])
})

it('takes back what was undone, wherever the handout is', () => {
  const here = handout(4)
  const figures = of(
    day([
      ['a', 3],
      ['b', 5, 2, ['x']],
    ]),
    here,
    correctionRecord(NOW, here.id, 'x'),
    correctionRecord(NOW, 'b', 'x'),
  )
  expect([figures.done, figures.left.get('m')]).toEqual([3, 103])
  expect(figures.lines.find((each) => each.id === 'b')).toMatchObject({ count: 0, taken: 5 })
})

it('takes nothing back twice when the correction’s answer was lost', () => {
  const undo = correctionRecord(NOW, 'a', 'x')
  expect(of(day([['a', 3, 3, [undo.id]]]), undo).done).toBe(0)
})

it('starts the new day at nothing, while yesterday’s copies stay gone', () => {
  const yesterday = handout(7, NOW - 86_400_000)
  const figures = of(day([['a', 3]], 100, '2027-04-19'), yesterday, handout(1))
  expect([figures.done, figures.left.get('m'), figures.lines.length]).toEqual([1, 92, 1])
})

it('knows nothing before the server has sent the day', () => {
  const figures = of(null, handout(1))
  expect([figures.done, figures.left.get('m')]).toEqual([1, undefined])
})

it('counts doors without a handout separately from copies', () => {
  const declined = visitRecord(NOW, WHERE, 'c', 'declined', 2)
  const figures = of(
    day([['a', 3]]),
    declined,
    visitRecord(NOW, WHERE, 'c', 'nobody_reached', 3),
    correctionRecord(NOW, declined.id, 'x'),
  )
  expect([figures.done, figures.declined, figures.nobodyReached]).toEqual([3, 0, 3])
})

it('counts what was answered until a day holds it, and shows it as delivered', () => {
  const sent = handout(4)
  const before = figuresOf(day([]), [answered(sent)], [], TODAY, dayOf)
  expect([before.done, before.left.get('m'), before.lines.map((each) => each.waits)]).toEqual([4, 96, [false]])
  const after = figuresOf(day([[sent.id, 4]], 96), [answered(sent)], [], TODAY, dayOf)
  expect([after.done, after.left.get('m'), after.lines.length]).toEqual([4, 96, 1])
})

it('counts what was refused as handed out until the server has settled it', () => {
  const [beyond, late] = [handout(5), handout(2)]
  const figures = figuresOf(day([['a', 3]], 0), [], [refused(beyond), refused(late, 'consent-withdrawn')], TODAY, dayOf)
  expect([figures.done, figures.left.get('m')]).toEqual([8, -5])
  expect(figures.lines.map((each) => [each.count, each.refused])).toContainEqual([5, true])
  const taken = figuresOf(
    day(
      [
        ['a', 3],
        [beyond.id, 5],
      ],
      0,
    ),
    [],
    [refused(beyond)],
    TODAY,
    dayOf,
  )
  expect([taken.done, taken.left.get('m')]).toEqual([8, 0])
})

it('counts a record once that another page is just moving to the refused ones', () => {
  const moved = handout(5)
  expect(figuresOf(day([]), waits(moved), [refused(moved)], TODAY, dayOf).done).toBe(5)
})

it('lets go of an answered record when a day lists it, or cannot list it', () => {
  const [today, missing, yesterday] = [handout(1), handout(1), handout(1, NOW - 86_400_000)]
  const undo = correctionRecord(NOW, today.id, 'x')
  const undoMissing = correctionRecord(NOW, missing.id, 'x')
  const all = [today, missing, yesterday, undo, undoMissing].map(answered)
  expect(heldBy(day([[today.id, 1]]), all)).toEqual([today.id, yesterday.id])
  expect(heldBy(day([[today.id, 1, 1, [undo.id]]]), all)).toEqual([today.id, yesterday.id, undo.id])
  const long = day(Array.from({ length: 500 }, (_, i) => [`h${i}`, 1]))
  expect(heldBy(long, [answered(missing)])).toEqual([missing.id])
})

it('takes the figures that came with an answer, and lists what was sent itself', () => {
  const [sent, taken] = [handout(4), handout(2)]
  const undo = correctionRecord(NOW, taken.id, 'x')
  const declined = visitRecord(NOW, WHERE, 'c', 'declined', 2)
  const records = [sent, taken, declined, undo, handout(9, NOW - 86_400_000)].map(answered)
  const figures = { ...day([], 90), handed_out: 7 }
  const next = dayWith(day([['a', 3]]), figures, 'r', records)!
  const shown = figuresOf(next, records, [], TODAY, dayOf)
  expect([shown.done, shown.left.get('m'), shown.declined]).toEqual([7, 90 - 9, 2])
  expect(heldBy(next, records).length).toBe(records.length)
  expect(shown.lines.map((each) => [each.count, each.taken])).toContainEqual([0, 2])
  // Another rider's figures, or those of a day whose list was not read, are none.
  expect(dayWith(day([]), { ...figures, rider_id: 'other' }, 'r', records)).toBeNull()
  expect(dayWith(day([], 100, '2027-04-19'), figures, 'r', records)).toBeNull()
  expect(dayWith(null, figures, 'r', records)).toBeNull()
})

it('folds the day by hour, newest first, each with what still counts', () => {
  const figures = of(day([]), handout(2, NOW - 3_600_000), handout(1), handout(3, NOW - 3_700_000))
  const hours = hoursOf(figures.lines, (at) => at.slice(11, 13))
  expect(hours.map(({ hour, copies, lines }) => [hour, copies, lines.length])).toEqual([
    ['02', 1, 1],
    ['01', 2, 1],
    ['00', 3, 1],
  ])
})
