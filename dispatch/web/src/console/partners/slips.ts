// What slips on paper and on the screen say alike. A slip is read by riders: its own words are Chinese.
import type { Schemas } from '@/api'
import { FIRM } from './messages.firm'

export const spaced = (pin: string) => `${pin.slice(0, 3)} ${pin.slice(3)}`
/** The centre by its own name, else by its city's. */
export const centreOf = (slip: Schemas['RiderSlip']) =>
  slip.centre_name ?? FIRM.slip_centre[0].replace('{city}', slip.city_name)
/** The riders' page as somebody types it: the browser adds the rest. */
export const typedAddress = (slip: Schemas['RiderSlip']) => slip.address.replace(/^https:\/\//, '')
