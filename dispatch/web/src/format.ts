// Every number, share, day and time on the pages is written here, in the language of the page and the city's time zone.
import { language, locale, say, type Text } from './messages'
import { COMMON } from './messages/common'
import { FORMATS } from './messages/formats'

let zone = 'Asia/Shanghai'

/** The city's time zone; set once somebody is signed in. */
export function setTimeZone(name: string): void {
  zone = name
}
export const timeZone = (): string => zone

const none = () => say(COMMON.not_applicable)
type Maybe = number | null | undefined
const isNumber = (value: Maybe): value is number => typeof value === 'number' && Number.isFinite(value)

const formats = new Map<string, Intl.NumberFormat>()
function written(value: number, options: Intl.NumberFormatOptions): string {
  const key = locale() + JSON.stringify(options)
  let format = formats.get(key)
  if (!format) formats.set(key, (format = new Intl.NumberFormat(locale(), options)))
  return format.format(value)
}

/** An exact integer with separators, as ledgers show it: 128,400. */
export const whole = (value: Maybe): string =>
  isNumber(value) ? written(Math.round(value), { maximumFractionDigits: 0 }) : none()

/** What is no longer exact says so: 约 3.72万. */
export const large = (value: Maybe): string => {
  const [text, exact] = rounded(value)
  return exact ? text : say(FORMATS.about, { n: text })
}
/** The same where the sentence says "about" itself. */
export const nearly = (value: Maybe): string => rounded(value)[0]

/**
 * A dashboard's number from ten thousand on, to the nearest hundredth of a 万 (of a thousand, a million), so that two of
 * them divide to the per cents next to them; and whether that is the whole number.
 */
function rounded(value: Maybe): [text: string, exact: boolean] {
  if (!isNumber(value)) return [none(), true]
  const [unit, name] =
    language.value === 'en'
      ? Math.abs(value) >= 1e6
        ? [1e6, 'M']
        : [1e3, 'k']
      : Math.abs(value) >= 1e8
        ? [1e8, FORMATS.hundred_million[0]]
        : [1e4, FORMATS.ten_thousand[0]]
  if (Math.abs(value) < 10_000) return [whole(value), true]
  const hundredths = Math.round((value / unit) * 100)
  return [
    written(hundredths / 100, { maximumFractionDigits: 2 }) + name,
    Math.abs(hundredths * (unit / 100) - value) < 0.5,
  ]
}

/** A decimal with so many digits: 0.33. */
export const decimal = (value: Maybe, digits = 2): string =>
  isNumber(value) ? written(value, { minimumFractionDigits: digits, maximumFractionDigits: digits }) : none()

/** A space at which no line breaks: a number and its unit stay together. */
const JOINED = '\u00a0'

/** A share as whole per cents: 46 %. With `digits`, finer. Little is never nothing: under half of the last digit it says so. */
export function share(value: Maybe, digits = 0): string {
  if (!isNumber(value)) return none()
  const write = (per: number) => written(per, { minimumFractionDigits: digits, maximumFractionDigits: digits })
  const [per, least] = [value * 100, 10 ** -digits]
  return per > 0 && per < least / 2 ? say(FORMATS.less_than, { n: write(least) }) : `${write(per)}${JOINED}%`
}

export interface Interval {
  low: number
  high: number
}

/** "约 46 %（39–56 %）": the median with its 95 % interval, whole per cents. */
export function reach(figure: (Interval & { median: number }) | null | undefined): string {
  if (!figure) return none()
  const [median, low, high] = [figure.median, figure.low, figure.high].map((each) => Math.round(each * 100))
  return median === 0 && figure.median > 0
    ? say(FORMATS.little_reach, { low: low!, high: high! })
    : say(FORMATS.reach, { median: median!, low: low!, high: high! })
}

/** "39–56 %" */
export const interval = (figure: Interval | null | undefined): string =>
  figure ? `${Math.round(figure.low * 100)}–${Math.round(figure.high * 100)}${JOINED}%` : none()

const dateFormats = new Map<string, Intl.DateTimeFormat>()
function dated(value: Date, options: Intl.DateTimeFormatOptions, where: string): string {
  const key = locale() + where + JSON.stringify(options)
  let format = dateFormats.get(key)
  if (!format) dateFormats.set(key, (format = new Intl.DateTimeFormat(locale(), { ...options, timeZone: where })))
  return format.format(value)
}
const LONG: Intl.DateTimeFormatOptions = { year: 'numeric', month: 'long', day: 'numeric' }
const CLOCK: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }

/** A plain day (YYYY-MM-DD): 2027年3月15日. It has no time zone and is never moved by one. */
export const day = (iso: string | null | undefined): string =>
  iso ? dated(new Date(`${iso.slice(0, 10)}T12:00:00Z`), LONG, 'UTC') : none()

/** The same without the year, for axes and narrow columns: 3月15日. */
export const shortDay = (iso: string | null | undefined): string =>
  iso ? dated(new Date(`${iso.slice(0, 10)}T12:00:00Z`), { month: 'short', day: 'numeric' }, 'UTC') : none()

/** An instant in the city's time: 2027年4月28日 23:59. */
export function moment(iso: string | Date | null | undefined): string {
  if (!iso) return none()
  const at = new Date(iso)
  return `${dated(at, LONG, zone)} ${dated(at, CLOCK, zone)}`
}

/** An instant's clock time: 23:59. */
export const clock = (iso: string | Date): string => dated(new Date(iso), CLOCK, zone)

/** The city's calendar day (YYYY-MM-DD) of an instant. */
export function dayOf(at: string | Date): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).formatToParts(new Date(at))
  const part = (type: string) => parts.find((each) => each.type === type)!.value
  return `${part('year')}-${part('month')}-${part('day')}`
}

/** A day so many days later. */
export function addDays(iso: string, days: number): string {
  const at = new Date(`${iso}T12:00:00Z`)
  at.setUTCDate(at.getUTCDate() + days)
  return at.toISOString().slice(0, 10)
}

/** The Monday of a day's week. */
export const mondayOf = (iso: string): string => addDays(iso, -((new Date(`${iso}T12:00:00Z`).getUTCDay() + 6) % 7))

/** A length of time in its two largest units: 2 天 3 小时, 4 分 10 秒. */
export function duration(seconds: number): string {
  const units: [number, Text][] = [
    [86400, FORMATS.days],
    [3600, FORMATS.hours],
    [60, FORMATS.minutes],
    [1, FORMATS.seconds],
  ]
  const left = Math.max(0, Math.floor(seconds))
  const first = Math.min(units.findIndex(([size]) => left >= size) >>> 0, 3)
  let rest = left
  return units
    .slice(first, first + 2)
    .map(([size, unit]) => {
      const count = Math.floor(rest / size)
      rest -= count * size
      return [count, say(unit, { n: count })] as const
    })
    .filter(([count], index) => count > 0 || index === 0)
    .map(([, text]) => text)
    .join(' ')
}

/** "1.2 MB" */
export const bytes = (value: number): string =>
  value < 1000 ? `${value} B` : value < 1e6 ? `${decimal(value / 1e3, 0)} kB` : `${decimal(value / 1e6, 1)} MB`
