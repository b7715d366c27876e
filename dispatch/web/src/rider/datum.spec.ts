import { describe, expect, it } from 'vitest'
import { fromWgs84, type Datum, type Place } from './datum'

// The same places as in tests/geo/test_datum.py, and what the server's arithmetic makes of them.
const VECTORS: [Place, Place, Place][] = [
  [
    [116.391305, 39.905535],
    [116.397545934, 39.906936193],
    [116.403920479, 39.913280202],
  ],
  [
    [104.2123456, 36.9123456],
    [104.215051068, 36.912543827],
    [104.221646597, 36.918237542],
  ],
  [
    [126.55, 43.84],
    [126.55568894, 43.842251562],
    [126.562293669, 43.847998199],
  ],
  [
    [87.6, 43.8],
    [87.602838972, 43.80121203],
    [87.609210152, 43.807472508],
  ],
  [
    [113.264, 23.129],
    [113.269329321, 23.126323084],
    [113.275751258, 23.132607292],
  ],
  [
    [2.35, 48.85],
    [2.35, 48.85],
    [2.356627397, 48.856003883],
  ],
  [
    [139.7, 35.7],
    [139.7, 35.7],
    [139.70644645, 35.70620955],
  ],
]

function near(place: Place, expected: Place, digits = 8): void {
  expect(place[0]).toBeCloseTo(expected[0], digits)
  expect(place[1]).toBeCloseTo(expected[1], digits)
}

describe('a phone finds the same place as the server', () => {
  it.each(VECTORS)('%j', (wgs84, gcj02, bd09) => {
    near(fromWgs84(wgs84, 'gcj02'), gcj02)
    near(fromWgs84(wgs84, 'bd09'), bd09)
  })
})

it('agrees with the published pair of the common implementations', () => {
  near(fromWgs84([116.404, 39.915], 'gcj02'), [116.41024449, 39.91640428], 7)
})

it('takes CGCS2000 and WGS-84 for one', () => {
  for (const datum of ['wgs84', 'cgcs2000'] as Datum[]) expect(fromWgs84([116.4, 39.9], datum)).toEqual([116.4, 39.9])
})
