// The small service worker keeps the page itself on the phone. Without one (inside WeChat) the rest works the same.
import { ref } from 'vue'

/** A newer page waits; it is taken only when the rider says so, never in the middle of a tap. */
export const newShell = ref(false)
let waiting: ServiceWorker | null = null

export function takeNewShell(): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
  waiting?.postMessage('take-over')
}

export async function keepShell(): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  try {
    const registration = await navigator.serviceWorker.register('/rider-worker.js', { scope: '/r' })
    const look = () => {
      if (!registration.waiting || !navigator.serviceWorker.controller) return
      waiting = registration.waiting
      newShell.value = true
    }
    look()
    registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', look))
  } catch {
    // No worker here; the browser's own cache does.
  }
}
