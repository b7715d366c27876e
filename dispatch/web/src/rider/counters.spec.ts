import { expect, it } from 'vitest'
import type { Schemas } from '@/api'
import { figuresOf } from './counters'
import { correctionRecord, handoutRecord, visitRecord, type TapRecord, type Waiting } from './records'

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
  figuresOf(server, waits(...records), TODAY, dayOf)

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
