// The first instant of a day in the city's time zone, for filters that are given as days.

/** `day` (YYYY-MM-DD) as an instant; `later` days added. */
export function startOfDay(day: string, zone: string, later = 0): string {
  const utc = Date.parse(`${day}T00:00:00Z`) + later * 86_400_000
  // Twice, because the offset of the guess may not be the offset of the day (a clock that was set in between).
  const first = utc - offsetAt(utc, zone)
  return new Date(utc - offsetAt(first, zone)).toISOString()
}

function offsetAt(instant: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(new Date(instant))
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value)
  return (
    Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')) -
    Math.floor(instant / 1000) * 1000
  )
}
