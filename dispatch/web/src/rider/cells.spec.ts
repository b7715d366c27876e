import { expect, it } from 'vitest'
import { cellOf, type PackCell } from './cells'

// Cells of the test city's first zone, in GCJ-02; positions are WGS-84, as a phone gives them.
const CELLS: PackCell[] = [
  ['8924d000c37ffff', 104.20002, 36.90018],
  ['8924d000d03ffff', 104.21438, 36.90179],
  ['8924d000d13ffff', 104.21246, 36.90418],
  ['8924d000d17ffff', 104.21605, 36.90458],
  ['8924d000d1bffff', 104.21079, 36.90139],
  ['8924d000d83ffff', 104.21221, 36.90936],
  ['8924d000d8bffff', 104.21054, 36.90657],
  ['8924d000d93ffff', 104.21029, 36.91175],
  ['8924d000d97ffff', 104.21388, 36.91216],
]
const PHONE = [104.2095914, 36.9049034] as const // GCJ-02 104.2123, 36.9051

it('finds the cell of the position in the city’s datum, not of the raw one', () => {
  expect(cellOf(PHONE, 20, 'gcj02', CELLS)).toBe('8924d000d13ffff')
  expect(cellOf(PHONE, 20, 'wgs84', CELLS)).not.toBe('8924d000d13ffff')
})

it('names no cell when the position is vague or lies in none of them', () => {
  expect(cellOf(PHONE, 800, 'gcj02', CELLS)).toBeNull()
  expect(cellOf(PHONE, NaN, 'gcj02', CELLS)).toBeNull()
  expect(cellOf([104.3, 36.95], 20, 'gcj02', CELLS)).toBeNull()
  expect(cellOf(PHONE, 20, 'gcj02', [])).toBeNull()
})
