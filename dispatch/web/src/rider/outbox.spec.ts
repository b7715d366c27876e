import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { beforeEach, describe, expect, it, vi } from 'vitest'

const line = vi.hoisted(() => {
  // The client takes both when it is made; in a page, addresses are relative to it.
  const held = { fetch: (_: Request): Promise<Response> => Promise.reject(new TypeError('Failed to fetch')) }
  globalThis.fetch = ((request: Request) => held.fetch(request)) as typeof fetch
  const Plain = globalThis.Request
  globalThis.Request = class extends Plain {
    constructor(input: RequestInfo | URL, init?: RequestInit) {
      // jsdom's signals are not the ones this fetch knows.
      super(new URL(String(input), 'http://dispatch.test'), { ...init, signal: null })
    }
  }
  return held
})
import { Problem } from '@/api'
import { correctionRecord, handoutRecord, type TapRecord, type Waiting } from './records'
import { pauseAfter, sendWaiting, verdicts } from './outbox'
import { openStore, type Store } from './store'

const RIDER = '0198b6f0-0000-7000-8000-00000000000a'
const NOW = Date.UTC(2027, 3, 20, 2)
const WHAT = { campaignId: 'c', materialId: 'm', channel: 'in_person', copies: 1 } as const

/** The server's side: what it has on disk, and how the line to it behaves. */
class Server {
  readonly stored = new Map<string, TapRecord>()
  calls = 0
  line: (call: number) => 'well' | 'lost-answer' | 'down' | 'portal' | 'signed-out' = () => 'well'
  refuses: (record: TapRecord) => string | null = () => null
  busy = 0
  most = 0

  fetch = async (request: Request): Promise<Response> => {
    const how = this.line(++this.calls)
    this.most = Math.max(this.most, ++this.busy)
    await new Promise((resolve) => setTimeout(resolve, 1))
    this.busy--
    if (how === 'down') throw new TypeError('Failed to fetch')
    if (how === 'portal')
      return new Response('<html>Wi-Fi</html>', { status: 200, headers: { 'content-type': 'text/html' } })
    if (how === 'signed-out') return new Response(JSON.stringify({ type: '/problems/not-signed-in' }), { status: 401 })
    const { records, rider_id } = (await request.json()) as { records: TapRecord[]; rider_id: string }
    expect(records.length).toBeLessThanOrEqual(200)
    expect(rider_id).toBe(RIDER)
    const outcomes = records.map((record) => {
      const slug = this.refuses(record)
      if (slug) return { id: record.id, outcome: 'rejected', problem: { type: `/problems/${slug}`, held: 3 } }
      const known = this.stored.get(record.id)
      if (known) expect(record).toEqual(known)
      this.stored.set(record.id, record)
      return { id: record.id, outcome: known ? 'duplicate' : 'recorded' }
    })
    if (how === 'lost-answer') throw new TypeError('network error')
    return Response.json({ outcomes, server_time: new Date(NOW).toISOString(), own_day: null })
  }
}

let server: Server
let store: Store

/** Web Locks as the browser has them, for the pages of one test. */
function locks() {
  let held = false
  return {
    request: async (_: string, __: unknown, work: (lock: object | null) => Promise<unknown>) => {
      if (held) return work(null)
      held = true
      try {
        return await work({})
      } finally {
        held = false
      }
    },
  }
}

beforeEach(async () => {
  vi.stubGlobal('indexedDB', new IDBFactory())
  localStorage.clear()
  server = new Server()
  line.fetch = server.fetch
  vi.stubGlobal('navigator', { locks: locks() })
  store = await openStore()
})

async function tap(many: number, riderId = RIDER): Promise<Waiting[]> {
  const made: Waiting[] = []
  for (let i = 0; i < many; i++) {
    const record = handoutRecord(NOW, { cell: null, zoneId: 'z' }, WHAT)
    made.push({ id: record.id, riderId, record })
    await store.add(made[i]!)
  }
  return made
}
const left = async () => (await store.waiting()).filter((each) => !each.answered).length
const stored = () => [...server.stored.keys()].sort()

describe('each tap reaches the server exactly once', () => {
  it('when all goes well, oldest first and at most 200 a call', async () => {
    const taps = await tap(450)
    expect(await sendWaiting(store, RIDER, 'a')).toMatchObject({ settled: 450, refused: 0 })
    expect([server.calls, stored(), await left()]).toEqual([3, taps.map((each) => each.id).sort(), 0])
  })

  it('when the answer is lost after the server took them', async () => {
    const taps = await tap(100)
    server.line = (call) => (call === 1 ? 'lost-answer' : 'well')
    await expect(sendWaiting(store, RIDER, 'a')).rejects.toMatchObject({ slug: 'offline' })
    expect([server.stored.size, await left()]).toEqual([100, 100])
    await sendWaiting(store, RIDER, 'a')
    expect([stored(), await left()]).toEqual([taps.map((each) => each.id).sort(), 0])
  })

  it('when two pages send at the same time', async () => {
    await tap(300)
    const other = await openStore()
    await Promise.all([sendWaiting(store, RIDER, 'a'), sendWaiting(other, RIDER, 'b')])
    expect([server.stored.size, server.calls, server.most, await left()]).toEqual([300, 2, 1, 0])
  })

  it('when two pages send at the same time in a browser without Web Locks', async () => {
    vi.stubGlobal('navigator', {})
    await tap(300)
    const other = await openStore()
    await Promise.all([sendWaiting(store, RIDER, 'a'), sendWaiting(other, RIDER, 'b')])
    expect([server.stored.size, server.calls, server.most, await left()]).toEqual([300, 2, 1, 0])
    await tap(1)
    expect(await sendWaiting(other, RIDER, 'b')).toMatchObject({ settled: 1 })
  })

  it('when a page of the network’s own answers in the server’s place', async () => {
    await tap(5)
    server.line = (call) => (call === 1 ? 'portal' : 'well')
    await expect(sendWaiting(store, RIDER, 'a')).rejects.toBeTruthy()
    expect(await left()).toBe(5)
    await sendWaiting(store, RIDER, 'a')
    expect([server.stored.size, await left()]).toEqual([5, 0])
  })

  it('when the session has ended in between', async () => {
    await tap(5)
    server.line = (call) => (call === 1 ? 'signed-out' : 'well')
    await expect(sendWaiting(store, RIDER, 'a')).rejects.toMatchObject({ slug: 'not-signed-in' })
    expect(await left()).toBe(5)
    await sendWaiting(store, RIDER, 'a')
    expect(server.stored.size).toBe(5)
  })

  it('when there is no IndexedDB, only localStorage', async () => {
    vi.stubGlobal('indexedDB', undefined)
    store = await openStore()
    expect(store.kind).toBe('localstorage')
    await tap(20)
    server.line = (call) => (call === 1 ? 'lost-answer' : 'well')
    await expect(sendWaiting(store, RIDER, 'a')).rejects.toBeTruthy()
    await sendWaiting(await openStore(), RIDER, 'a')
    expect([server.stored.size, await left()]).toEqual([20, 0])
  })
})

it('takes the taps kept without IndexedDB along when it is back', async () => {
  const factory = indexedDB
  vi.stubGlobal('indexedDB', undefined)
  store = await openStore()
  const taps = await tap(3)
  vi.stubGlobal('indexedDB', factory)
  store = await openStore()
  expect(store.kind).toBe('indexeddb')
  expect((await store.waiting()).map((each) => each.id)).toEqual(taps.map((each) => each.id))
  expect(localStorage.length).toBe(0)
})

it('keeps a refused record with its reason apart, and sends the rest', async () => {
  const taps = await tap(3)
  server.refuses = (record) => (record.id === taps[1]!.id ? 'not-enough-stock' : null)
  expect(await sendWaiting(store, RIDER, 'a')).toMatchObject({ settled: 3, refused: 1 })
  expect([server.stored.size, await left()]).toEqual([2, 0])
  expect(await store.refused()).toMatchObject([
    { id: taps[1]!.id, slug: 'not-enough-stock', facts: { held: 3 }, record: taps[1]!.record },
  ])
  await store.forget([taps[1]!.id])
  expect(await store.refused()).toEqual([])
})

it('sends nobody else’s taps from a shared phone', async () => {
  await tap(2, 'another-rider')
  await tap(3)
  await sendWaiting(store, RIDER, 'a')
  const waiting = (await store.waiting()).filter((each) => !each.answered)
  expect([server.stored.size, waiting.map((each) => each.riderId)]).toEqual([3, ['another-rider', 'another-rider']])
})

it('sends a correction after what it corrects, also when the clock stepped back in between', async () => {
  const [handout] = await tap(1)
  const undo = correctionRecord(NOW - 60_000, handout!.id, 'x')
  await store.add({ id: undo.id, riderId: RIDER, record: undo })
  await sendWaiting(store, RIDER, 'a')
  expect([...server.stored.keys()]).toEqual([handout!.id, undo.id])
})

describe('the first-copy question', () => {
  async function asked(until: number): Promise<Waiting> {
    const record = handoutRecord(NOW, { cell: null, zoneId: 'z' }, WHAT)
    const waiting = { id: record.id, riderId: RIDER, record, askUntil: until }
    await store.add(waiting)
    return waiting
  }

  it('holds its own record back for a while, and its answer goes with it', async () => {
    const { id } = await asked(Date.now() + 60_000)
    await tap(1)
    await sendWaiting(store, RIDER, 'a')
    expect([server.stored.size, await left()]).toEqual([1, 1])
    expect(await store.answer(id, 'yes', Date.now())).toBe(true)
    await sendWaiting(store, RIDER, 'a')
    expect(server.stored.get(id)).toMatchObject({ first_copy_answer: 'yes' })
  })

  it('is closed for good once its record may have been sent', async () => {
    const { id } = await asked(Date.now() - 1)
    server.line = () => 'lost-answer'
    await expect(sendWaiting(store, RIDER, 'a')).rejects.toBeTruthy()
    expect(await store.answer(id, 'yes', 0)).toBe(false)
    server.line = () => 'well'
    await sendWaiting(store, RIDER, 'a') // the server itself checks that the content is the same
    expect([server.stored.get(id)!.kind, await left()]).toEqual(['handout', 0])
  })
})

it('settles nothing by an answer about other records', () => {
  const record = handoutRecord(NOW, { cell: null, zoneId: 'z' }, WHAT)
  const batch = [{ id: record.id, riderId: RIDER, record }]
  expect(verdicts(batch, undefined)).toBeNull()
  expect(verdicts(batch, [])).toBeNull()
  expect(verdicts(batch, [{ id: 'other', outcome: 'recorded' }])).toBeNull()
  // A later server's word, which this page does not know.
  expect(verdicts(batch, [{ id: record.id, outcome: 'perhaps' as never }])).toBeNull()
  expect(verdicts(batch, [{ id: record.id, outcome: 'duplicate' }])).toEqual({ done: [record.id], refused: [] })
})

it('waits longer after each failure, never in step with others, and as long as the server asks', () => {
  expect([0, 1, 2, 12].map((failures) => pauseAfter(failures, null, 0.5))).toEqual([1000, 2000, 4000, 300_000])
  expect(pauseAfter(1, null, 0)).toBe(1000)
  expect(pauseAfter(1, new Problem('busy', 503, '', {}, 30), 0.5)).toBe(30_000)
})
