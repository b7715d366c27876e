import { expect, it } from 'vitest'
import { sorted, type Column } from './table'

const rows = [
  { n: 2 as number | null, code: 'Z10' },
  { n: null, code: 'Z2' },
  { n: 10, code: 'Z1' },
]
const number: Column<(typeof rows)[number]> = { key: 'n', title: 'n', value: (row) => row.n }
const code: Column<(typeof rows)[number]> = { key: 'code', title: 'code', text: (row) => row.code }

it('sorts numbers by size and leaves what does not apply last in both directions', () => {
  expect(sorted(rows, number, false, 'zh').map((row) => row.n)).toEqual([2, 10, null])
  expect(sorted(rows, number, true, 'zh').map((row) => row.n)).toEqual([10, 2, null])
})

it('sorts codes as people count, and leaves the given rows as they were', () => {
  expect(sorted(rows, code, false, 'zh').map((row) => row.code)).toEqual(['Z1', 'Z2', 'Z10'])
  expect(rows[0]!.code).toBe('Z10')
})
