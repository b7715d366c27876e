// An instant as a rider reads it: the time, and the day when it is not today.
import { clock, dayOf, shortDay } from '@/format'
import { serverNow } from './state'

export function clockAndDay(at: Date): string {
  const today = dayOf(new Date(serverNow()))
  return dayOf(at) === today ? clock(at) : `${shortDay(dayOf(at))} ${clock(at)}`
}
