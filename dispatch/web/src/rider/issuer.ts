// Who asks for the PIN: said before anybody has signed in, and kept on the home screen.
import { computed, ref } from 'vue'
import { answer, api, type Schemas } from '@/api'
import { say } from '@/messages'
import { SIGN_IN } from './messages.signin'
import type { Slip } from './slip'
import { phone } from './state'

/** The outlet of the slip; null: not read, or there is none. */
export const place = ref<Schemas['SignInPlace'] | null>(null)
const start = ref<Schemas['Start'] | null>(null)

/** Whether the server holds several cities, so that a code alone does not say which. */
export const hasCities = computed(() => (start.value?.cities ?? 1) > 1)

/** `read_sign_in_place`, else `read_start`. Never throws: without signal the page says less. */
export async function readIssuer(slip: Slip | null): Promise<void> {
  place.value = null
  try {
    if (slip) {
      const query = { outlet_code: slip.outlet, city_code: slip.city ?? undefined }
      place.value = await answer(api.GET('/api/sign-in/place', { params: { query } }))
    }
  } catch {
    // An outlet that nobody knows is said when the PIN is sent.
  }
  try {
    start.value = await answer(api.GET('/api/start'))
  } catch {
    // Without signal.
  }
}

const cityName = computed(() => phone.me?.cityName ?? place.value?.city_name ?? start.value?.city_name ?? null)
/** The centre by its own name, else by its city's. */
export const centre = computed(() => {
  const own = phone.me?.centreName ?? place.value?.centre_name ?? start.value?.centre_name
  return own ?? (cityName.value ? say(SIGN_IN.centre_of, { city: cityName.value }) : say(SIGN_IN.centre))
})
export const centrePhone = computed(
  () => phone.me?.centrePhone ?? place.value?.centre_phone ?? start.value?.centre_phone ?? null,
)
