// Staying up to date: the event stream says that figures may differ; each part of a page then loads again by itself.
import { onScopeDispose, watch } from 'vue'
import { campaign, connected } from './session'

type Refresh = () => void
const waiting = new Set<Refresh>()
let source: EventSource | null = null
let followed: string | null = null
/** The version each campaign's stream gave last. */
const seen = new Map<string, string>()
let timer = 0

/** Changes come in bursts while riders confirm; the pages look again at most every two seconds. */
const PAUSE = 2000

function wake(): void {
  if (timer) return
  timer = window.setTimeout(() => {
    timer = 0
    if (!document.hidden) waiting.forEach((refresh) => refresh())
  }, PAUSE)
}

function follow(id: string | null): void {
  if (followed === id && source && source.readyState !== EventSource.CLOSED) return
  source?.close()
  source = null
  followed = id
  if (!id) return
  const stream = (source = new EventSource(`/api/campaigns/${id}/events`))
  stream.addEventListener('open', () => connected(true))
  stream.addEventListener('changed', ({ data }: MessageEvent<string>) => {
    // The first one carries the present version. What changed after the pages were loaded and before the stream was
    // open, or while it was broken, no other one says.
    if (seen.get(id) !== data) wake()
    seen.set(id, data)
  })
  stream.addEventListener('error', () => {
    connected(false)
    // The browser tries again by itself unless it was refused for good.
    if (stream.readyState === EventSource.CLOSED)
      window.setTimeout(() => source === stream && waiting.size && !document.hidden && follow(id), 10_000)
  })
}

// A browser keeps six connections to a server for all its tabs: a hidden one closes its stream.
document.addEventListener('visibilitychange', () => {
  if (!waiting.size) return
  if (document.hidden) {
    source?.close()
    return
  }
  follow(campaign.value?.campaign_id ?? null)
  wake()
})

/** Call `refresh` whenever the campaign's figures may differ, as long as the component lives. */
export function onChange(refresh: Refresh): void {
  waiting.add(refresh)
  const stop = watch(campaign, (now) => follow(now?.campaign_id ?? null), { immediate: true })
  onScopeDispose(() => {
    stop()
    waiting.delete(refresh)
    if (!waiting.size) follow(null)
  })
}
