import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'

const session = vi.hoisted(() => ({ campaign: null as unknown as { value: { campaign_id: string } | null } }))
vi.mock('./session', () => ({
  get campaign() {
    return session.campaign
  },
  connected: () => undefined,
}))

/** The server's stream of one page. */
class Stream extends EventTarget {
  static CLOSED = 2
  static all: Stream[] = []
  readyState = 1
  constructor(readonly address: string) {
    super()
    Stream.all.push(this)
  }
  close(): void {
    this.readyState = Stream.CLOSED
  }
  says(version: string): void {
    this.dispatchEvent(new MessageEvent('changed', { data: JSON.stringify({ version }) }))
  }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.resetModules()
  vi.stubGlobal('EventSource', Stream)
  Stream.all = []
  session.campaign = ref({ campaign_id: 'c' })
})
afterEach(() => vi.useRealTimers())

/** A page that follows the campaign; answers how often it has loaded again. */
async function page(): Promise<() => number> {
  const { onChange } = await import('./live')
  let loads = 0
  effectScope().run(() => onChange(() => void (loads += 1)))
  await nextTick()
  return () => {
    vi.advanceTimersByTime(2000)
    return loads
  }
}

it('loads again for what changed between the loading and the opening of the stream', async () => {
  const loads = await page()
  Stream.all[0]!.says('1')
  expect(loads()).toBe(1)
})

it('loads again for what changed while the stream was refused, and not for what it has seen', async () => {
  const loads = await page()
  const first = Stream.all[0]!
  first.says('1')
  first.says('2')
  expect(loads()).toBe(1)
  first.close()
  first.dispatchEvent(new Event('error'))
  vi.advanceTimersByTime(10_000)
  Stream.all[1]!.says('2')
  expect(loads()).toBe(1)
  Stream.all[1]!.says('3')
  expect(loads()).toBe(2)
})
