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
import { handoutRecord, type Handout, type Waiting } from './records'
import { openStore, type Store } from './store'

const RIDER = '0198b6f0-0000-7000-8000-00000000000a'
const PLACE = { longitude: 120.1, latitude: 30.2, datum: 'wgs84', accuracy_metres: 8 }
const CAMPAIGN = '0198b6f0-0000-7000-8000-0000000000c0'
const COORDINATES = /position|longitude|latitude|120\.1|30\.2|accuracy/

/** What the earlier version kept: records with coordinates, and a no about them that the server had not got. */
async function leaveBehind(store: Store): Promise<{ tapped: Handout[]; refused: Handout }> {
  const record = () =>
    handoutRecord(
      Date.now(),
      { cell: null, zoneId: 'z' },
      { campaignId: CAMPAIGN, materialId: 'm', channel: 'in_person', copies: 2 },
    )
  const tapped = [record(), record(), record()]
  for (const [index, each] of tapped.entries()) {
    const kept = index === 2 ? each : { ...each, position: PLACE }
    await store.add({ id: each.id, riderId: RIDER, record: kept, ...(index === 1 ? { askUntil: 1 } : {}) })
  }
  const refused = record()
  const stored = {
    id: refused.id,
    riderId: RIDER,
    record: { ...refused, position: PLACE },
    slug: 'stock-not-held',
    facts: {},
  }
  await store.settle({ done: [], refused: [stored] })
  await store.keep('me', { riderId: RIDER, name: 'r', timezone: 'Asia/Shanghai', demonstration: false })
  await store.keep('positions', { version: 1, text_zh: '', text_en: '', campaigns: [] })
  await store.keep('later', [CAMPAIGN])
  const answer = { answer_id: 'a', permit_id: 'p', given: false, version: 1 }
  await store.keep('withheld', [{ riderId: RIDER, campaignId: CAMPAIGN, answer }])
  return { tapped, refused }
}

/** The server's side: everything that was sent to it, and whether it can be reached. */
class Server {
  readonly sent: { path: string; body: string }[] = []
  reachable = true

  fetch = async (request: Request): Promise<Response> => {
    const [path, body] = [new URL(request.url).pathname, await request.text()]
    this.sent.push({ path, body })
    if (!this.reachable) throw new TypeError('Failed to fetch')
    if (path !== '/api/handouts/sync')
      return new Response(JSON.stringify({ type: '/problems/not-found' }), { status: 404 })
    const { records } = JSON.parse(body) as { records: Handout[] }
    const outcomes = records.map(({ id }) => ({ id, outcome: 'recorded' }))
    return Response.json({ outcomes, server_time: new Date().toISOString() })
  }
  get records(): Handout[] {
    const syncs = this.sent.filter(({ path }) => path === '/api/handouts/sync')
    return syncs.flatMap(({ body }) => (JSON.parse(body) as { records: Handout[] }).records)
  }
}

describe.each(['indexeddb', 'localstorage'])('what an earlier version left on a phone with %s', (kind) => {
  let server: Server
  let store: Store
  beforeEach(async () => {
    vi.resetModules()
    localStorage.clear()
    vi.stubGlobal('indexedDB', kind === 'indexeddb' ? new IDBFactory() : undefined)
    // Each page of its own: none hears of the others.
    vi.stubGlobal('BroadcastChannel', undefined)
    server = new Server()
    line.fetch = server.fetch
    store = await openStore()
    expect(store.kind).toBe(kind)
  })
  const waiting = async () => new Map((await store.waiting()).map((each: Waiting) => [each.id, each]))

  it('loses its coordinates when the page opens, also without signal, and keeps its taps', async () => {
    const { tapped, refused } = await leaveBehind(store)
    server.reachable = false
    await (await import('./phone')).start()
    expect(Array.from((await waiting()).values(), (each) => each.record)).toEqual(tapped)
    expect((await store.refused()).map((each) => each.record)).toEqual([refused])
    for (const key of ['positions', 'withheld', 'later']) expect(await store.read(key)).toBeUndefined()
  })

  it('is sent as its taps alone: no coordinates, and no answer about them', async () => {
    const { tapped } = await leaveBehind(store)
    await (await import('./phone')).start()
    expect(server.records).toEqual(tapped)
    expect(Array.from((await waiting()).values()).filter((each) => !each.answered)).toEqual([])
    expect(server.sent.length).toBeGreaterThan(1)
    for (const { path, body } of server.sent) expect(path + body).not.toMatch(COORDINATES)
  })

  it('is sent without coordinates, too, when an open page of that version adds it later', async () => {
    const { sendWaiting } = await import('./outbox')
    const { tapped } = await leaveBehind(store)
    await sendWaiting(store, RIDER, 'a')
    expect(server.records).toEqual(tapped)
  })
})
