// The present second, for what counts down. The clock runs only while somebody looks at it.
import { onScopeDispose, ref, type Ref } from 'vue'
import { serverNow } from '@/session'

/** The server's present time in milliseconds, updated every second. */
export function useNow(): Ref<number> {
  const now = ref(serverNow().getTime())
  const timer = window.setInterval(() => (now.value = serverNow().getTime()), 1000)
  onScopeDispose(() => window.clearInterval(timer))
  return now
}
