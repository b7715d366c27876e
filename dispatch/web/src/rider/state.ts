// What the rider's phone knows, and the figures that follow from it. Screens read it; the modules of the phone write
// it.
import { computed, reactive, readonly } from 'vue'
import type { Schemas } from '@/api'
import { dayOf } from '@/format'
import { figuresOf } from './counters'
import type { Channel, Refused, Waiting } from './records'
import type { Store } from './store'

export type Pack = Schemas['HandoutPack']
export type OwnDay = Schemas['OwnDay']
export type Holding = Schemas['Holding']
export type OwnFlag = Schemas['OwnFlag']

/** Who this phone belongs to at present; kept, so that it opens without signal. */
export interface Me {
  riderId: string
  name: string
  timezone: string
  demonstration: boolean
  /** What the slip says; phones that signed in before slips carried it read the profile again. */
  code?: string | null
  cityCode?: string
  cityName?: string
  centreName?: string | null
  centrePhone?: string | null
  partnerName?: string | null
  outletCode?: string | null
  outletName?: string | null
}
/** Chosen once and remembered. */
export interface Choice {
  materialId: string | null
  channels: Record<string, Channel>
  zoneId: string | null
  location: boolean
}

interface State {
  ready: boolean
  storage: Store['kind']
  me: Me | null
  pack: Pack | null
  day: OwnDay | null
  waiting: Waiting[]
  refused: Refused[]
  /** The codes of riders who have used this phone, so that taps of theirs that wait here can be named. */
  codes: Record<string, string>
  flags: OwnFlag[]
  choice: Choice
  /** The version of the notice agreed to on this phone, before the server knows who agreed. */
  agreed: number | null
  /** The server last answered (true) or could not be reached (false). */
  connected: boolean
  sending: boolean
  /** The session ended: taps are kept, the PIN is asked for again. */
  needsPin: boolean
  /** Signed out here, while the server could not be reached: nothing else is asked of it before it knows. */
  owesSignOut: boolean
  /** The last tap could not be kept. */
  noRoom: boolean
  locationDenied: boolean
  /** The cell the phone is in, in memory only; `at` on the phone's own clock. */
  cell: { id: string; at: number } | null
  /** Handout whose first-copy question is on the screen. */
  asking: string | null
  /** Moves on by itself, so that what depends on the time is drawn again. */
  now: number
}

const CELL_MILLISECONDS = 90_000

export const state = reactive<State>({
  ready: false,
  storage: 'indexeddb',
  me: null,
  pack: null,
  day: null,
  waiting: [],
  refused: [],
  codes: {},
  flags: [],
  choice: { materialId: null, channels: {}, zoneId: null, location: false },
  agreed: null,
  connected: true,
  sending: false,
  needsPin: false,
  owesSignOut: false,
  noRoom: false,
  locationDenied: false,
  cell: null,
  asking: null,
  now: Date.now(),
})
export const phone = readonly(state) as Readonly<State>

/** How far the server's clock is ahead of the phone's (ms), as of the last answer. */
export const clockOffset = { is: 0 }
/** The server's present time. The phone's own clock may be wrong. */
export const serverNow = (): number => Date.now() + clockOffset.is

const ownTaps = computed(() => state.waiting.filter((each) => each.riderId === state.me?.riderId))
/** Taps of this rider that the server has not answered for. */
export const own = computed(() => ownTaps.value.filter((each) => !each.answered))
/** How many taps of others wait on this phone, by the code of each; null: the code is not known here. */
export const othersWaiting = computed(() => {
  const counts = new Map<string | null, number>()
  for (const each of state.waiting) {
    if (each.riderId === state.me?.riderId || each.answered) continue
    const code = state.codes[each.riderId] ?? null
    counts.set(code, (counts.get(code) ?? 0) + 1)
  }
  return counts
})
export const ownRefused = computed(() => state.refused.filter((each) => each.riderId === state.me?.riderId))
export const figures = computed(() =>
  figuresOf(
    state.day as OwnDay | null,
    ownTaps.value,
    ownRefused.value,
    dayOf(new Date(state.now + clockOffset.is)),
    dayOf,
  ),
)
export const holdings = computed<readonly Holding[]>(() => (state.day?.holdings ?? []) as readonly Holding[])
export const material = computed<Holding | null>(() => {
  const held = holdings.value
  return (
    held.find((each) => each.material_id === state.choice.materialId) ??
    held.find((each) => each.quantity > 0) ??
    held[0] ??
    null
  )
})
export const channelOf = (held: Holding): Channel => {
  const chosen = state.choice.channels[held.material_id]
  return chosen && held.channels.includes(chosen) ? chosen : held.channels[0]!
}
export const zone = computed(
  () => state.pack?.zones.find((each) => each.zone_id === state.choice.zoneId) ?? state.pack?.zones[0] ?? null,
)
/** The cell, while it is fresh. */
export const freshCell = computed(() =>
  state.choice.location && state.cell && state.now - state.cell.at < CELL_MILLISECONDS ? state.cell.id : null,
)
/** Whether a tap would have a place. */
export const hasPlace = computed(() => freshCell.value !== null || zone.value !== null)
export const where = () => ({ cell: freshCell.value, zoneId: zone.value?.zone_id ?? null })
