// Signing out on the server. Without signal it is owed: the next person on this phone must not go on in this session.
import { api, asProblem, offline } from '@/api'
import { state } from './state'
import { keep } from './storage'

const PATH = '/api/sign-out'
let paying: Promise<boolean> | null = null

/** From now on the server has to receive it before anything else. */
export async function oweSignOut(): Promise<void> {
  state.owesSignOut = true
  await keep('owes-sign-out', true)
}

/** Send a sign-out that the server has not received. True: none is owed any more. Never throws. */
export async function paySignOut(): Promise<boolean> {
  if (!state.owesSignOut) return true
  return (paying ??= pay().finally(() => (paying = null)))
}

async function pay(): Promise<boolean> {
  try {
    await api.POST(PATH)
  } catch (error) {
    // A session that has ended meanwhile needs no end.
    if (asProblem(error).slug !== 'not-signed-in') return false
  }
  state.owesSignOut = false
  await keep('owes-sign-out', false)
  return true
}

// Any other call would go on with the session that was left.
api.use({
  async onRequest({ request }) {
    if (!new URL(request.url).pathname.endsWith(PATH) && !(await paySignOut())) throw offline()
    return undefined
  },
})
