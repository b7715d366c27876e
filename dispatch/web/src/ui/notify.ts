// A short word after something was done; read out by screen readers, gone after a while.
import { shallowReactive } from 'vue'

export interface Notification {
  id: number
  text: string
  kind: 'done' | 'problem'
}
export const notifications = shallowReactive<Notification[]>([])
let count = 0

export function notify(text: string, kind: Notification['kind'] = 'done'): void {
  const id = (count += 1)
  notifications.push({ id, text, kind })
  window.setTimeout(() => dismiss(id), kind === 'done' ? 5000 : 12_000)
}

export function dismiss(id: number): void {
  const place = notifications.findIndex((each) => each.id === id)
  if (place >= 0) notifications.splice(place, 1)
}
