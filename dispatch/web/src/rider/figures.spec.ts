import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { watch } from 'vue'

const line = vi.hoisted(() => {
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
import { dayOf } from '@/format'
import { refresh, send, sendIn } from './connection'
import type { Correction, Handout, TapRecord } from './records'
import { figures, ownRefused, state } from './state'
import { keep, openStorage } from './storage'
import { handOut, takeBack } from './taps'

const RIDER = '0198b6f0-0000-7000-8000-00000000000a'
const CAMPAIGN = '0198b6f0-0000-7000-8000-0000000000c0'
const MATERIAL = '0198b6f0-0000-7000-8000-0000000000d0'

const SEEDS = Number(process.env.SEEDS ?? 6)

/** A chance that is the same for the same seed. */
function chanceOf(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let value = Math.imul(state ^ (state >>> 15), state | 1)
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
    return ((value ^ (value >>> 14)) >>> 0) % below
  }
}

/** A request on its way: first the server has not seen it, then the answer is on its way back. */
interface Flight {
  request: Request
  body: string
  reply: Response | null
  land: (reply: Response) => void
  fail: (error: Error) => void
}

/** The server's side, and a line on which every request and every answer may wait, overtake, or be lost. */
class Line {
  readonly flights: Flight[] = []
  readonly stored = new Map<string, TapRecord>()
  readonly refused = new Map<string, Handout>()
  holds = 40

  fetch = async (request: Request): Promise<Response> => {
    const body = await request.text()
    return new Promise((land, fail) => this.flights.push({ request, body, reply: null, land, fail }))
  }

  /** Let something happen to one request: it arrives, its answer arrives, or either is lost. */
  happen(chance: (below: number) => number): void {
    const flight = this.flights[chance(this.flights.length)]!
    if (chance(5) === 0) {
      this.flights.splice(this.flights.indexOf(flight), 1)
      return flight.fail(new TypeError('Failed to fetch'))
    }
    if (flight.reply === null) return void (flight.reply = this.serve(flight))
    this.flights.splice(this.flights.indexOf(flight), 1)
    flight.land(flight.reply)
  }

  async calm(): Promise<void> {
    for (let round = 0; round < 400; round++) {
      await settle()
      const flight = this.flights.shift()
      if (flight) flight.land(flight.reply ?? this.serve(flight))
      else if (round > 3) return
    }
    throw new Error('the phone asks without end')
  }

  private serve({ request, body }: Flight): Response {
    const path = new URL(request.url).pathname
    if (path === '/api/handouts/sync') return this.sync(JSON.parse(body).records)
    if (path === '/api/handouts/own-day') return Response.json(this.day())
    if (path === '/api/handouts/refused')
      return Response.json(
        [...this.refused.values()].map((record) => ({ handout_id: record.id, record, problem: 'not-enough-stock' })),
      )
    return Response.json(path === '/api/handouts/pack' ? PACK : path === '/api/flags/own' ? [] : {})
  }

  private sync(records: TapRecord[]): Response {
    const outcomes = records.map((record) => {
      const known = this.stored.has(record.id)
      if (!known && !this.take(record)) {
        this.refused.set(record.id, record as Handout)
        return { id: record.id, outcome: 'rejected', problem: { type: '/problems/not-enough-stock', held: this.holds } }
      }
      return { id: record.id, outcome: known ? 'duplicate' : 'recorded' }
    })
    const { handouts: _, visits: __, server_time, ...own_day } = this.day()
    return Response.json({ outcomes, server_time, own_day })
  }

  private take(record: TapRecord): boolean {
    if (record.kind === 'handout') {
      if (record.copies > this.holds) return false
      this.holds -= record.copies
    }
    if (record.kind === 'correction') {
      const target = this.stored.get(record.corrects_id) as Handout | undefined
      if (!target) return false
      this.holds += target.copies
    }
    this.stored.set(record.id, record)
    return true
  }

  /** The outlet hands over more, and what was refused is judged again. */
  restock(): void {
    this.holds += 30
    for (const record of [...this.refused.values()].sort((one, other) => (one.id < other.id ? -1 : 1)))
      if (this.take(record)) this.refused.delete(record.id)
  }

  day() {
    const all = [...this.stored.values()]
    const corrections = all.filter((each): each is Correction => each.kind === 'correction')
    const handouts = all
      .filter((each): each is Handout => each.kind === 'handout')
      .map((each) => {
        const ids = corrections.filter((one) => one.corrects_id === each.id).map((one) => one.id)
        return { ...each, corrections: ids, corrected: ids.length ? each.copies : 0 }
      })
    return {
      rider_id: RIDER,
      day: dayOf(new Date()),
      handed_out: handouts.reduce((sum, each) => sum + each.copies - each.corrected, 0),
      holdings: [{ ...HOLDING, quantity: this.holds }],
      handouts,
      visits: [],
      waiting_refused: this.refused.size,
      server_time: new Date().toISOString(),
    }
  }
}

const HOLDING = {
  campaign_id: CAMPAIGN,
  material_id: MATERIAL,
  material_code: 'M',
  material_name: '折页',
  material_kind: 'leaflet',
  channels: ['in_person'],
  bundle_copies: 50,
}
const PACK = {
  rider_code: 'ZTO-0001-01',
  datum: 'gcj02',
  campaigns: [{ campaign_id: CAMPAIGN, name: 'c', question_share: 0 }],
  zones: [{ zone_id: 'z', code: 'z', name: 'z', own: true, cells: [] }],
}

/** Everything under way has gone as far as it can without the line. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 40; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** A phone on a line, its figures watched whenever they are drawn. */
class Trial {
  readonly line = new Line()
  readonly falls: string[] = []
  handed = 0
  private done = 0
  private left = Infinity
  private stop = () => undefined as void

  async begin(holds: number): Promise<void> {
    this.line.holds = holds
    line.fetch = this.line.fetch
    Object.assign(state, { waiting: [], refused: [], day: null, pack: PACK, sending: false, now: Date.now() })
    state.me = { riderId: RIDER, name: 'r', timezone: 'Asia/Shanghai', demonstration: false }
    await openStorage()
    state.me = { riderId: RIDER, name: 'r', timezone: 'Asia/Shanghai', demonstration: false }
    await keep('me', state.me)
    state.pack = PACK as never
    void refresh(true)
    await this.line.calm()
    // As the screen: whenever it would be drawn.
    this.stop = watch(figures, () => this.look())
    this.look()
  }
  /** What the rider or the outlet did on purpose may change the figures in this direction. */
  private expectChange(): void {
    this.done = 0
    this.left = Infinity
  }
  private look(): void {
    const { done } = figures.value
    const left = Math.max(0, figures.value.left.get(MATERIAL) ?? 0)
    if (done < this.done) this.falls.push(`handed out fell from ${this.done} to ${done}`)
    if (left > this.left && !this.hasMore) this.falls.push(`left rose from ${this.left} to ${left}`)
    Object.assign(this, { done, left })
  }
  async tap(copies: number): Promise<void> {
    if ((await handOut(copies)).length) this.handed += copies
  }
  async undo(which: number): Promise<void> {
    const open = figures.value.lines.filter((each) => each.count > 0)
    const target = open[which % Math.max(1, open.length)]
    if (!target) return
    this.expectChange()
    this.handed -= target.count
    await takeBack(target.id, '按错了')
    this.look()
  }
  restock(): void {
    this.line.restock()
    // The phone learns of it when its day is read: at some time from now on.
    this.hasMore = true
  }
  private hasMore = false
  end(): void {
    this.stop()
    sendIn(1e9)
    state.me = null
  }
}

afterEach(() => vi.unstubAllGlobals())

describe.each(['indexeddb', 'localstorage', 'memory'] as const)('kept in %s', (kind) => {
  async function trial(holds = 40): Promise<Trial> {
    vi.unstubAllGlobals()
    vi.stubGlobal('indexedDB', kind === 'indexeddb' ? new IDBFactory() : undefined)
    localStorage.clear()
    if (kind === 'memory')
      vi.stubGlobal('localStorage', {
        setItem: () => {
          throw new DOMException('denied', 'SecurityError')
        },
      })
    const begun = new Trial()
    await begun.begin(holds)
    expect(state.storage).toBe(kind)
    return begun
  }

  it('what was handed out never falls, what is left never rises, in whatever order answers come', async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const chance = chanceOf(seed)
      // Every third phone runs out of copies, so that records are refused; every sixth gets more of them later.
      const phone = await trial(seed % 3 ? 400 : 20)
      for (let step = 0; step < 50; step++) {
        const what = chance(12)
        if (what < 3) await phone.tap(1 + chance(4))
        else if (what === 3) await phone.undo(chance(9))
        else if (what === 4) void send()
        else if (what === 5) void refresh(true)
        else if (what === 6 && seed % 6 === 0) phone.restock()
        else if (phone.line.flights.length) phone.line.happen(chance)
        if (chance(2)) await settle()
        expect([seed, step, figures.value.done]).toEqual([seed, step, phone.handed])
      }
      await phone.line.calm()
      for (let round = 0; round < 3; round++) {
        void send()
        await phone.line.calm()
        void refresh(true)
        await phone.line.calm()
      }
      expect([seed, phone.falls]).toEqual([seed, []])
      expect([seed, figures.value.done, state.waiting.length]).toEqual([seed, phone.handed, 0])
      expect(ownRefused.value.map((each) => each.id).sort()).toEqual([...phone.line.refused.keys()].sort())
      phone.end()
    }
  }, 120_000)

  it('a day that was asked for earlier never takes the place of a newer one', async () => {
    const phone = await trial()
    void refresh(true)
    await settle()
    const early = phone.line.flights.find((each) => each.request.url.endsWith('own-day'))!
    early.reply = Response.json(phone.line.day())
    phone.line.flights.splice(0)
    await phone.tap(3)
    void send()
    await phone.line.calm()
    early.land(early.reply)
    await settle()
    expect([figures.value.done, phone.falls]).toEqual([3, []])
    expect(figures.value.lines.map((each) => [each.count, each.waits])).toEqual([[3, false]])
    phone.end()
  })

  it('the answer to a sync brings the figures along: no day is asked for', async () => {
    const phone = await trial()
    const asked: string[] = []
    line.fetch = (request) => {
      asked.push(new URL(request.url).pathname)
      return phone.line.fetch(request)
    }
    await phone.tap(2)
    void send()
    await phone.line.calm()
    expect(asked).toEqual(['/api/handouts/sync'])
    expect([figures.value.done, state.waiting.length, state.day!.handed_out]).toEqual([2, 0, 2])
    phone.end()
  })

  it('another rider’s day, read in a session that another page has begun, is not shown as this rider’s', async () => {
    const phone = await trial()
    await phone.tap(2)
    const day = phone.line.day.bind(phone.line)
    phone.line.day = () => ({ ...day(), rider_id: 'another', handed_out: 99 })
    void refresh(true)
    await phone.line.calm()
    expect(figures.value.done).toBe(2)
    phone.end()
  })
})
