import { expect, it } from 'vitest'
import { boundsOf, middleOf, pathOf, placing, project, type Outline } from './geometry'

const square = (west: number, south: number, side = 1): Outline => ({
  type: 'Polygon',
  coordinates: [
    [
      [west, south],
      [west + side, south],
      [west + side, south + side],
      [west, south + side],
      [west, south],
    ],
  ],
})

it('knows the box around all shapes, holes and parts included, and none around nothing', () => {
  const two: Outline = { type: 'MultiPolygon', coordinates: [square(0, 0).coordinates, square(4, 2).coordinates] }
  expect(boundsOf([{ geometry: two }, { geometry: square(-1, 1) }])).toEqual([-1, 0, 5, 3])
  expect(boundsOf([])).toBeNull()
})

it('draws north upwards and east to the right, inside the free margin', () => {
  const bounds = boundsOf([{ geometry: square(104, 36) }])!
  const placed = placing(bounds, 400, 300, [20, 20, 20, 20])
  const [x, y] = project([104, 37])
  expect(x * placed.scale + placed.left).toBeGreaterThanOrEqual(20 - 1e-6)
  expect(y * placed.scale + placed.top).toBeCloseTo(20)
  const [, south] = project([104, 36])
  expect(south * placed.scale + placed.top).toBeCloseTo(280)
})

it('writes each ring as a closed path and leaves out points that fall together', () => {
  const d = pathOf(square(0, 0, 0.0001), { scale: 1, left: 5, top: 5 })
  expect(d).toBe('M5.0 5.0Z')
  expect(pathOf(square(0, 0), { scale: 10, left: 0, top: 20 }).match(/[MLZ]/g)).toHaveLength(6)
})

it('puts a mark inside the shape, also where the middle of its box is outside', () => {
  expect(middleOf(square(2, 2))).toEqual([2.5, 2.5])
  const bow: Outline = {
    type: 'Polygon',
    coordinates: [
      [
        [0, 0],
        [10, 0],
        [10, 10],
        [0, 10],
        [0, 8],
        [8, 8],
        [8, 2],
        [0, 2],
        [0, 0],
      ],
    ],
  }
  const [x, y] = middleOf(bow)
  expect(x > 8 || y < 2 || y > 8).toBe(true)
})

it('chooses the larger of two parts', () => {
  const two: Outline = {
    type: 'MultiPolygon',
    coordinates: [square(0, 0, 0.1).coordinates, square(4, 2, 2).coordinates],
  }
  expect(middleOf(two)).toEqual([5, 3])
})
