import { describe, expect, it } from 'vitest'
import { mediaTypeOf, oneRow, returnedName, TABLES, XLSX } from './tables'

describe('a file is sent as what its name says', () => {
  it.each([
    ['households.xlsx', XLSX],
    ['A.XLSX', XLSX],
    ['macro.xlsm', XLSX],
    ['a.csv', 'text/csv'],
    ['no-ending', 'text/csv'],
  ])('%s as %s', (name, type) => {
    expect(mediaTypeOf(name)).toBe(type)
  })
})

it('names the returned file after the one that was sent', () => {
  expect(returnedName('households.2027.csv', 'errors')).toBe('households.2027-errors.xlsx')
})

it('sends capacity to its campaign', () => {
  expect(TABLES.capacity.path('c1')).toBe('/api/campaigns/c1/capacity/import')
})

it('writes one row as a table, whatever its cells hold', () => {
  expect(oneRow({ code: ' A1 ', name: 'Shop "East", 2nd' })).toBe('code,name\n"A1","Shop ""East"", 2nd"\n')
})
