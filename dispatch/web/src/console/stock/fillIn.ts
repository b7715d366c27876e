// The page of refused records knows which hand-over is missing: the form opens with it filled in, once.
import { nextTick, watch, type Ref } from 'vue'
import type { LocationQuery } from 'vue-router'

export function fillIn(
  stock: () => unknown,
  query: LocationQuery,
  fields: Record<'rider' | 'material' | 'loose', Ref<string>>,
): void {
  const stop = watch(stock, async (now) => {
    if (!now || !query.rider) return
    stop()
    fields.rider.value = String(query.rider)
    await nextTick()
    fields.material.value = String(query.material ?? fields.material.value)
    await nextTick()
    fields.loose.value = String(query.copies ?? '')
  })
}
