// The parts of a long list after its first one, read when somebody asks for them.
import { onScopeDispose, shallowReactive, watch } from 'vue'
import { asProblem, type Problem } from '@/api'
import type { Load } from './load'

export interface Part<Row> {
  rows: readonly Row[]
  /** Where the next part begins; null at the end of the list. */
  next: string | null
}

export interface Further<Row> extends Part<Row> {
  problem: Problem | null
  read: () => Promise<void>
}

/** `partOf` returns what the load holds; `ask` reads the part that begins at a place. */
export function useFurther<T, Row>(
  load: Load<T>,
  partOf: (data: T) => Part<Row>,
  ask: (from: string, signal: AbortSignal) => Promise<Part<Row>>,
): Further<Row> {
  let controller: AbortController | null = null

  async function read(): Promise<void> {
    if (state.next === null || controller) return
    const own = (controller = new AbortController())
    state.problem = null
    try {
      const part = await ask(state.next, own.signal)
      if (own !== controller) return
      state.rows = [...state.rows, ...part.rows]
      state.next = part.next
    } catch (error) {
      if (own === controller) state.problem = asProblem(error)
    } finally {
      if (own === controller) controller = null
    }
  }

  const state: Further<Row> = shallowReactive({
    rows: [] as readonly Row[],
    next: null as string | null,
    problem: null as Problem | null,
    read,
  })
  // Another filter, or the list as it is now: further parts of the earlier one, read or still on their way, are
  // dropped.
  watch(
    () => load.data,
    (data) => {
      controller?.abort()
      controller = null
      Object.assign(state, { rows: [], next: data === null ? null : partOf(data).next, problem: null })
    },
    { immediate: true, flush: 'sync' },
  )
  onScopeDispose(() => controller?.abort())
  return state
}
