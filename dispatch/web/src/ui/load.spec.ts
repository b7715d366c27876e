import { effectScope, nextTick, ref } from 'vue'
import { describe, expect, it } from 'vitest'
import { useFurther, type Part } from './further'
import { useLoad } from './load'

/** Answers given in the order a test wants. */
function answers<T>() {
  const open: { give: (value: T) => void; fail: (error: unknown) => void }[] = []
  return { open, ask: () => new Promise<T>((give, fail) => open.push({ give, fail })) }
}
const turn = async () => {
  await nextTick()
  await new Promise((resolve) => setTimeout(resolve))
}

describe('what a page reads', () => {
  it('shows the answer to the last question, in whatever order answers come', async () => {
    const { open, ask } = answers<string>()
    const zone = ref('A')
    const load = effectScope().run(() => useLoad(ask, [zone]))!
    zone.value = 'B'
    await turn()
    open[1]!.give('B')
    await turn()
    open[0]!.give('A')
    await turn()
    expect([load.data, load.loading]).toEqual(['B', false])
  })
  it('keeps what a write answered against a reading that began before it', async () => {
    const { open, ask } = answers<string>()
    const load = effectScope().run(() => useLoad(ask))!
    open[0]!.give('as it was')
    await turn()
    void load.refresh()
    load.put('as changed')
    open[1]!.give('as it was')
    await turn()
    expect([load.data, load.loading]).toEqual(['as changed', false])
  })
})

describe('the parts behind the first one', () => {
  it('are added while the list is shown, and dropped when another list has taken its place', async () => {
    const first = answers<Part<string>>()
    const more = answers<Part<string>>()
    const filter = ref('')
    const scope = effectScope()
    const [load, further] = scope.run(() => {
      const load = useLoad(first.ask, [filter])
      return [load, useFurther(load, (part) => part, more.ask)] as const
    })!
    first.open[0]!.give({ rows: ['a'], next: '1' })
    await turn()
    void further.read()
    more.open[0]!.give({ rows: ['b'], next: '2' })
    await turn()
    expect([further.rows, further.next]).toEqual([['b'], '2'])
    void further.read()
    filter.value = 'other'
    await turn()
    first.open[1]!.give({ rows: ['x'], next: null })
    await turn()
    more.open[1]!.give({ rows: ['c'], next: '3' })
    await turn()
    expect([load.data?.rows, further.rows, further.next]).toEqual([['x'], [], null])
  })
})
