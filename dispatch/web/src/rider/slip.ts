// What a slip's QR leads to: /r#city/outlet/rider. Slips printed earlier hold the outlet alone.
import type { Me } from './state'

export interface Slip {
  city: string | null
  outlet: string
  rider: string | null
}

const CODE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/

/** The slip in an address; null: there is none, or what is there is no slip. */
export function slipOf(hash: string): Slip | null {
  let text: string
  try {
    text = decodeURIComponent(hash.replace(/^#/, ''))
  } catch {
    return null
  }
  const codes = text.split('/')
  if (!codes.every((code) => CODE.test(code))) return null
  if (codes.length === 3) return { city: codes[0]!, outlet: codes[1]!, rider: codes[2]! }
  return codes.length === 1 ? { city: null, outlet: codes[0]!, rider: null } : null
}

const differ = (one: string | null | undefined, other: string | null | undefined) =>
  !!one && !!other && one.toUpperCase() !== other.toUpperCase()

/** Whether the slip is another rider's than the one this phone belongs to; by the outlet alone, if it says no more. */
export const isAnothers = (slip: Slip, me: Pick<Me, 'cityCode' | 'outletCode' | 'code'>): boolean =>
  differ(slip.city, me.cityCode) || differ(slip.outlet, me.outletCode) || differ(slip.rider, me.code)
