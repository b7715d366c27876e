import { expect, it } from 'vitest'
import { newId } from './ids'

it('makes ids of version 7 that carry their time', () => {
  const id = newId(Date.UTC(2027, 3, 20, 2))
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(parseInt(id.replace(/-/g, '').slice(0, 12), 16)).toBe(Date.UTC(2027, 3, 20, 2))
})

it('makes ids that sort in the order they were made, within a millisecond and when the clock steps back', () => {
  const now = Date.UTC(2027, 3, 21)
  const ids = Array.from({ length: 10_000 }, (_, i) => newId(now - (i % 3)))
  expect(new Set(ids).size).toBe(ids.length)
  expect([...ids].sort()).toEqual(ids)
})
