// Who is signed in, in which city, looking at which campaign. One place; pages read it and never keep a copy.
import { computed, reactive, readonly } from 'vue'
import { answer, api, asProblem, BACKGROUND, onReached, onRefusal, type Problem, type Schemas } from './api'
import { setTimeZone } from './format'
import { isLanguageChosen, language, setLanguage, type Language } from './messages'

export type Profile = Schemas['Profile']
export type Campaign = Schemas['Campaign']
export type Start = Schemas['Start']
export type Role = 'planner' | 'auditor' | 'firm_manager' | 'outlet_manager' | 'rider' | 'partner_system'

interface Session {
  profile: Profile | null
  campaigns: Campaign[]
  campaignId: string | null
  /** The session ended while somebody was at work: sign in again over the page, which keeps what was typed. */
  ended: boolean
  /** Set while the server cannot be reached. */
  offline: boolean
}

const state = reactive<Session>({ profile: null, campaigns: [], campaignId: null, ended: false, offline: false })
export const session = readonly(state) as Readonly<Session>

const KEPT = 'dispatch.campaign'
const kept = {
  read: () => {
    try {
      return localStorage.getItem(KEPT)
    } catch {
      return null
    }
  },
  write: (id: string) => {
    try {
      localStorage.setItem(KEPT, id)
    } catch {
      // Chosen for this visit only.
    }
  },
}

export const role = computed<Role | null>(() => (state.profile?.role as Role | undefined) ?? null)
/** Of the whole city; only planners and auditors may be a district's. */
export const isCityWide = computed(() => !state.profile?.division_code)
/** A planner of the whole city; district bureaus see their district and change nothing of the city's. */
export const isCityPlanner = computed(() => role.value === 'planner' && !state.profile?.division_code)
export const campaign = computed<Campaign | null>(
  () => state.campaigns.find((each) => each.campaign_id === state.campaignId) ?? null,
)
/** The server's present time: the demonstration's campaign lies in another year than the office's clock. */
let clockOffset = 0
export const serverNow = (): Date => new Date(Date.now() + clockOffset)

/** Nothing else is open before these are done: a password of one's own, a second factor where it is required. */
export const firstStep = computed<'password' | 'second_factor' | null>(() =>
  state.profile?.must_change_password ? 'password' : state.profile?.lacks_second_factor ? 'second_factor' : null,
)

onRefusal((problem) => {
  if (problem.slug === 'not-signed-in' && state.profile) state.ended = true
  if ((problem.slug === 'password-change-required' || problem.slug === 'second-factor-required') && !firstStep.value)
    void readProfile()
  if (problem.slug === 'offline') state.offline = true
})

onReached(() => state.offline && (state.offline = false))

export function connected(well: boolean): void {
  state.offline = !well
}

function take(profile: Profile): void {
  // Another person on the same screen: nothing of the one before may stay.
  if (state.profile && state.profile.subject_id !== profile.subject_id) location.reload()
  state.profile = profile
  state.ended = false
  state.offline = false
  clockOffset = new Date(profile.server_time).getTime() - Date.now()
  setTimeZone(profile.timezone)
  if (profile.language && !isLanguageChosen()) language.value = profile.language
}

/** The session's idle time has run out in this page; the server agrees or has ended it already. */
export function endForIdleness(): void {
  if (state.profile) state.ended = true
}

/** The language of the page, kept on this device and with the account. */
export function chooseLanguage(chosen: Language): void {
  setLanguage(chosen)
  // keepalive: a page that is left at once still says it. If it fails, this device remembers.
  if (state.profile?.language)
    void api.PUT('/api/me/language', { body: { language: chosen }, keepalive: true }).catch(() => undefined)
}

/**
 * What the server shows a stranger; with a valid session, its profile too. Throws when the server cannot be reached.
 */
export async function readStart(): Promise<Start> {
  // The start first: without a session, asking for a profile would log a refusal in every stranger's console.
  const start = await answer(api.GET('/api/start'))
  if (start.signed_in) await readProfile()
  return start
}

export async function readProfile(): Promise<Profile> {
  const profile = await answer(api.GET('/api/me'))
  take(profile)
  return profile
}

/** The campaigns the caller may see. The one chosen before stays, else the newest open one. */
export async function readCampaigns(background = false): Promise<void> {
  state.campaigns = await answer(api.GET('/api/campaigns', { headers: background ? BACKGROUND : {} }))
  const ids = state.campaigns.map((each) => each.campaign_id)
  const wanted = state.campaignId ?? kept.read()
  const open = state.campaigns.find((each) => each.status === 'open')
  state.campaignId = wanted && ids.includes(wanted) ? wanted : (open?.campaign_id ?? ids[0] ?? null)
}

export function chooseCampaign(id: string): void {
  state.campaignId = id
  kept.write(id)
}

export async function signIn(body: Schemas['PasswordSignIn'] | Schemas['PinSignIn']): Promise<Profile> {
  await answer(api.POST('/api/sign-in', { body }))
  return readProfile()
}

/** End the session here and on the server. Returns the problem when the server could not be reached. */
export async function signOut(): Promise<Problem | null> {
  try {
    await api.POST('/api/sign-out')
  } catch (error) {
    const problem = asProblem(error)
    if (problem.slug !== 'not-signed-in') return problem
  }
  location.assign('/')
  return null
}
