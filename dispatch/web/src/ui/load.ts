// Loading what a part of a page shows: first time, again on request, again in the background; what is shown stays.
import { onScopeDispose, shallowReactive, watch, type WatchSource } from 'vue'
import { asProblem, BACKGROUND, type Problem } from '@/api'

/** Spread into a call: it is given up when the page asks again or goes, and says whether a person asked. */
export type Request = { signal: AbortSignal; headers: Record<string, string> }

export interface Load<T> {
  data: T | null
  problem: Problem | null
  loading: boolean
  /** When `data` was last confirmed, by this device's clock (milliseconds): also where it had not changed. */
  readAt: number | null
  /** Ask again, because a person wants it. */
  reload: () => Promise<void>
  /** Ask again unasked: nothing flickers, and a failure leaves the figures from before. */
  refresh: () => Promise<void>
  /** What a write answered is newer than any reading still under way. */
  put(data: T): void
}

/** `read` is called at once and whenever `sources` change. */
export function useLoad<T>(read: (request: Request) => Promise<T>, sources: WatchSource[] = []): Load<T> {
  let controller: AbortController | null = null
  let again = false

  async function run(background: boolean): Promise<void> {
    if (background && state.loading) {
      again = true // Something changed while it was read: read once more, not once for each change.
      return
    }
    controller?.abort()
    const own = (controller = new AbortController())
    state.loading = true
    try {
      const data = await read({ signal: own.signal, headers: background ? BACKGROUND : {} })
      if (own !== controller) return
      state.data = data
      state.readAt = Date.now()
      state.problem = null
    } catch (error) {
      if (own !== controller || own.signal.aborted) return
      const problem = asProblem(error)
      if (!background || !state.data || !problem.isUncertain) state.problem = problem
    } finally {
      if (own === controller) state.loading = false
    }
    if (again && own === controller) {
      again = false
      await run(true)
    }
  }

  const state: Load<T> = shallowReactive({
    data: null as T | null,
    problem: null as Problem | null,
    loading: false,
    readAt: null as number | null,
    reload: () => run(false),
    refresh: () => run(true),
    put: (data: T) => {
      controller?.abort()
      controller = null
      again = false
      state.data = data
      state.readAt = Date.now()
      state.problem = null
      state.loading = false
    },
  })
  if (sources.length) watch(sources, () => void run(false))
  onScopeDispose(() => controller?.abort())
  void run(false)
  return state
}
