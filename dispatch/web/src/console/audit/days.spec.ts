import { describe, expect, it } from 'vitest'
import { startOfDay } from './days'

describe('a day of a filter', () => {
  it('begins at midnight of the city, wherever the browser is', () => {
    expect(startOfDay('2027-04-20', 'Asia/Shanghai')).toBe('2027-04-19T16:00:00.000Z')
    expect(startOfDay('2027-04-20', 'UTC')).toBe('2027-04-20T00:00:00.000Z')
  })
  it('ends with the beginning of the next', () => {
    expect(startOfDay('2027-04-30', 'Asia/Shanghai', 1)).toBe('2027-04-30T16:00:00.000Z')
  })
  it('is right on the day a clock is set', () => {
    expect(startOfDay('2027-03-28', 'Europe/Berlin')).toBe('2027-03-27T23:00:00.000Z')
    expect(startOfDay('2027-03-28', 'Europe/Berlin', 1)).toBe('2027-03-28T22:00:00.000Z')
  })
})
