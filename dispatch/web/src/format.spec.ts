import { afterEach, expect, it } from 'vitest'
import {
  addDays,
  dayOf,
  day,
  decimal,
  duration,
  interval,
  large,
  moment,
  mondayOf,
  nearly,
  reach,
  setTimeZone,
  share,
  shortDay,
  whole,
} from './format'
import { language } from './messages'

afterEach(() => {
  language.value = 'zh'
  setTimeZone('Asia/Shanghai')
})

it('writes exact integers in ledgers and the nearest 万 on dashboards, with 约 where that is not all of it', () => {
  expect(whole(128_400)).toBe('128,400')
  expect([large(9_999), large(111_800), large(123_000), large(37_171), large(28_864)]).toEqual([
    '9,999',
    '11.18万',
    '12.3万',
    '约\u00a03.72万',
    '约\u00a02.89万',
  ])
  expect(nearly(37_171)).toBe('3.72万')
  // 37,171 of 28,864 is 129 %: so are the two numbers on the page.
  expect(Math.round((100 * 3.72) / 2.89)).toBe(129)
  language.value = 'en'
  expect([large(9_999), large(12_400), large(37_171), large(1_299_999)]).toEqual([
    '9,999',
    '12.4k',
    'about\u00a037.17k',
    'about\u00a01.3M',
  ])
})

it('never says nothing of something', () => {
  expect([share(185 / 37_171), share(0.006), share(0), share(0.0004, 1), share(0.0006, 1)]).toEqual([
    '不足\u00a01\u00a0%',
    '1\u00a0%',
    '0\u00a0%',
    '不足\u00a00.1\u00a0%',
    '0.1\u00a0%',
  ])
  expect(reach({ median: 0.002, low: 0.001, high: 0.011 })).toBe('不足\u00a01\u00a0%（0–1\u00a0%）')
  language.value = 'en'
  expect(share(185 / 37_171)).toBe('<1\u00a0%')
})

it('shows what does not apply as such, never as zero', () => {
  expect([
    whole(null),
    large(undefined),
    share(null),
    decimal(Number.NaN),
    reach(null),
    interval(null),
    day(null),
    moment(''),
  ]).toEqual(Array(8).fill('不适用'))
  expect(share(0)).toBe('0\u00a0%')
})

it('writes reach as whole per cents with its interval', () => {
  const figure = { median: 0.4649, low: 0.385, high: 0.561 }
  expect(reach(figure)).toBe('约\u00a046\u00a0%（39–56\u00a0%）')
  language.value = 'en'
  expect(reach(figure)).toBe('about\u00a046\u00a0% (39–56\u00a0%)')
})

it('never moves a plain day by a time zone, and shows instants in the city’s', () => {
  setTimeZone('America/New_York')
  expect(day('2027-03-15')).toBe('2027年3月15日')
  expect(shortDay('2027-03-15')).toBe('3月15日')
  setTimeZone('Asia/Shanghai')
  expect(moment('2027-04-28T15:59:00Z')).toBe('2027年4月28日 23:59')
  expect(moment('2027-04-28T16:00:00Z')).toBe('2027年4月29日 00:00')
  expect(dayOf('2027-04-28T16:00:00Z')).toBe('2027-04-29')
})

it('counts weeks from Monday', () => {
  expect([mondayOf('2027-04-26'), mondayOf('2027-05-02'), addDays('2027-02-27', 2)]).toEqual([
    '2027-04-26',
    '2027-04-26',
    '2027-03-01',
  ])
})

it('says how long in the two largest units', () => {
  expect([duration(3 * 86400 + 7200 + 59), duration(250), duration(3600), duration(0)]).toEqual([
    '3 天 2 小时',
    '4 分 10 秒',
    '1 小时',
    '0 秒',
  ])
  language.value = 'en'
  expect(duration(250)).toBe('4 min 10 s')
})
