// What the rider has read and agreed to. An answer keeps its id when it is sent again, which makes that harmless.
import { ref } from 'vue'
import { answer, api, BACKGROUND, type Schemas } from '@/api'
import { newId } from '@/ids'

export type Notice = Schemas['PrivacyNotice']
export type OwnConsent = Schemas['OwnConsent']
type ConsentAnswer = Schemas['ConsentAnswer']

/** The words in force; null while they could not be asked for: the short form on the page says the same. */
export const notice = ref<Notice | null>(null)
/** This rider's answers; null before the server has sent them. */
export const consent = ref<OwnConsent | null>(null)

/** The version the short form on this page says in few words: STANDARD_VERSION in dispatch/privacy. */
export const SHORT_FORM_VERSION = 2

/** `read_privacy_notice`. Never throws. */
export async function readPrivacyNotice(): Promise<void> {
  try {
    notice.value = await answer(api.GET('/api/privacy/notice'))
  } catch {
    // Without signal, or on a server of several cities: the short form is shown.
  }
}

/** Somebody else has the phone now. */
export function forgetConsent(): void {
  consent.value = null
}

const answerOf = (purpose: ConsentAnswer['purpose'], given: boolean, version: number): ConsentAnswer => ({
  consent_id: newId(),
  purpose,
  given,
  version,
})

/** Counts answers on their way and arrived: what was read before one of them is out of date. */
let answers = 0

/** `answer_privacy_notice`. Throws a Problem. */
export async function answerPrivacyNotice(
  purpose: ConsentAnswer['purpose'],
  given: boolean,
  version = notice.value?.version ?? consent.value?.newest_version ?? SHORT_FORM_VERSION,
): Promise<void> {
  answers += 1
  const own = await answer(api.POST('/api/privacy/consent', { body: answerOf(purpose, given, version) }))
  answers += 1
  consent.value = own
}

/** Whether the rider agrees to this now, as far as the server has answered. */
export const agreesTo = (purpose: ConsentAnswer['purpose']): boolean => !!consent.value?.[purpose]?.given
/** The rider left: nothing is noted until the notice is agreed to again. */
export const hasLeft = (own: OwnConsent | null): boolean => own?.taking_part?.given === false

/** Whether the notice has to be shown (again) to this rider: never answered, or newer words since. */
export const asksConsent = (own: OwnConsent | null): boolean =>
  !!own && (!own.taking_part || (own.taking_part.given && own.taking_part.version < own.newest_version))

/** `read_privacy_consent`; what was agreed to on this phone before signing in is sent to the server. Never throws. */
export async function settleConsent(agreedVersion: number | null): Promise<void> {
  const before = answers
  try {
    const own = await answer(api.GET('/api/privacy/consent', { headers: BACKGROUND }))
    if (before !== answers) return
    // Sent before it is shown: the rider is not asked again for what was just agreed to.
    if (asksConsent(own) && agreedVersion !== null && agreedVersion >= own.newest_version)
      await answerPrivacyNotice('taking_part', true, agreedVersion)
    else consent.value = own
  } catch {
    // Asked again with the next refresh.
  }
}

/** Everything that is kept on the rider, as a file to take along. Throws a Problem. */
export async function takeOwnRecord(): Promise<void> {
  const record = await answer(api.GET('/api/privacy/own'))
  const address = URL.createObjectURL(new Blob([JSON.stringify(record, null, 2)], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = address
  link.download = 'my-record.json'
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
