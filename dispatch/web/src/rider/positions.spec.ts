import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { locateCell } from './location'
import { verdicts } from './outbox'
import { FIX_MILLISECONDS, freshPosition, handoutRecord, unplaced, visitRecord, type Handout, type Position, type Waiting } from './records'
import { openStore } from './store'

const NOW = Date.UTC(2027, 3, 20, 2)
const [RIDER, OTHER] = ['0198b6f0-0000-7000-8000-00000000000a', '0198b6f0-0000-7000-8000-00000000000b']
const HERE: Position = { longitude: 120.1, latitude: 30.2, datum: 'wgs84', accuracy_metres: 8 }
const tapped = (campaignId: string, position?: Position): Handout =>
  handoutRecord(NOW, { cell: null, zoneId: 'z' }, { campaignId, materialId: 'm', channel: 'in_person', copies: 1, ...(position ? { position } : {}) })
const waits = (record: Handout, riderId = RIDER): Waiting => ({ id: record.id, riderId, record })

describe('the position of a tap', () => {
  it('is the latest one, of two minutes ago at most', () => {
    expect(freshPosition({ position: HERE, at: NOW - FIX_MILLISECONDS }, NOW)).toEqual({ position: HERE })
    expect(freshPosition({ position: HERE, at: NOW - FIX_MILLISECONDS - 1 }, NOW)).toEqual({})
    expect(freshPosition(null, NOW)).toEqual({})
  })
  it('has no place in a record that brings none', () => {
    expect('position' in tapped('c')).toBe(false)
    expect(tapped('c', HERE).position).toEqual(HERE)
  })
  it('leaves the rest of the record as it was', () => {
    const { position: _, ...rest } = tapped('c', HERE)
    expect(unplaced({ ...rest, position: HERE })).toEqual(rest)
    const visit = visitRecord(NOW, { cell: null, zoneId: 'z' }, 'c', 'declined', 1)
    expect(unplaced(visit)).toBe(visit)
  })
  it('is not kept with a record that was refused', () => {
    const waiting = waits(tapped('c', HERE))
    const settled = verdicts([waiting], [{ id: waiting.id, outcome: 'rejected', problem: { type: '/problems/stock-not-held' } }] as never)
    expect(settled!.refused[0]!.record).toEqual(unplaced(waiting.record))
  })
  it('is taken only when the phone knows well enough', async () => {
    const take = vi.fn()
    const measured = (accuracy: number) => ({ getCurrentPosition: (done: PositionCallback) => done({ coords: { longitude: 120.1, latitude: 30.2, accuracy }, timestamp: 1000 } as never) })
    for (const accuracy of [8, 151]) {
      vi.stubGlobal('navigator', { geolocation: measured(accuracy) })
      await locateCell('gcj02', [], take)
    }
    vi.unstubAllGlobals()
    expect(take.mock.calls).toEqual([[{ position: HERE, at: 1000 }]])
  })
})

describe.each(['indexeddb', 'localstorage'])('withdrawing, on a phone with %s', (kind) => {
  beforeEach(() => {
    localStorage.clear()
    vi.stubGlobal('indexedDB', kind === 'indexeddb' ? new IDBFactory() : undefined)
  })
  it('drops the positions of that rider and campaign from what waits, and nothing else', async () => {
    const store = await openStore()
    expect(store.kind).toBe(kind)
    const [mine, another, others] = [waits(tapped('c', HERE)), waits(tapped('d', HERE)), waits(tapped('c', HERE), OTHER)]
    for (const each of [mine, another, others]) await store.add(each)
    await store.unplace(RIDER, 'c')
    const kept = new Map((await store.waiting()).map((each) => [each.id, each]))
    expect(kept.get(mine.id)).toEqual({ ...mine, record: unplaced(mine.record) })
    expect([kept.get(another.id), kept.get(others.id)]).toEqual([another, others])
    await store.unplace(RIDER, null)
    expect((await store.waiting()).filter((each) => (each.record as Handout).position).map((each) => each.id)).toEqual([others.id])
  })
})
