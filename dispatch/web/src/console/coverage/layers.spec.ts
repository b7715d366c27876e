import { afterEach, describe, expect, it } from 'vitest'
import type { Schemas } from '@/api'
import { language } from '@/messages'
import { cellsOf, LAYERS, legendOf, lookOf, rowsOfDay, wordsOf, type MapRow } from './layers'

const EDGES = [0.2, 0.4, 0.6, 0.8]

const row = (changes: Partial<MapRow> = {}): MapRow => ({
  code: 'Z1',
  name: 'Z',
  households: 6000,
  handed_out: 3000,
  reported: 0.5,
  reach: { median: 0.46, low: 0.39, high: 0.56 },
  shade: 2,
  uncertain: false,
  standing: 'on_course',
  plan_ratio: 1,
  risk_weight: 1,
  ...changes,
})
afterEach(() => void (language.value = 'zh'))

describe('a zone on the map', () => {
  it('takes its colour from the class of the lower bound, grey where there is too little to say', () => {
    const shades = [0, 1, 2, 3, 4, 5].map((shade) => lookOf(row({ shade }), 'reach').fill)
    expect(new Set(shades).size).toBe(6)
    expect(shades[0]).toBe(lookOf(undefined, 'reach').fill)
  })
  it('is hatched where the interval is wide, dotted where it is a gap', () => {
    expect(lookOf(row({ uncertain: true }), 'reach').hatched).toBe(true)
    expect(lookOf(row({ uncertain: true }), 'reported').hatched).toBeUndefined()
    expect(lookOf(row({ standing: 'gap' }), 'gaps').dotted).toBe(true)
  })
  it.each([
    ['reported', 'reported'],
    ['risk', 'risk_weight'],
    ['plan', 'plan_ratio'],
  ] as const)('%s: what does not apply is grey, not nothing', (layer, key) => {
    expect(lookOf(row({ [key]: null }), layer).fill).toBe(lookOf(undefined, layer).fill)
    expect(lookOf(row({ [key]: 0 }), layer).fill).not.toBe(lookOf(undefined, layer).fill)
  })
  it('never mixes the colours of estimated reach and of reported coverage', () => {
    const colours = (layer: 'reach' | 'reported') =>
      legendOf(layer, EDGES)
        .slice(0, 5)
        .map((entry) => entry.fill)
    expect(colours('reach').filter((fill) => colours('reported').includes(fill))).toEqual([])
  })
})

it('has an entry of the legend for every look', () => {
  for (const layer of LAYERS)
    for (const theme of ['light', 'dark'] as const) {
      const legend = legendOf(layer, EDGES, theme).map((entry) => entry.fill)
      const looks = [
        undefined,
        ...[0, 0.3, 0.7, 1.05, 1.3, 2].map((value) =>
          row({ reported: value, risk_weight: value, plan_ratio: value, standing: value > 1 ? 'gap' : 'undecided' }),
        ),
        ...[1, 2, 3, 4, 5].map((shade) => row({ shade })),
      ]
      for (const each of looks) expect(legend).toContain(lookOf(each, layer, theme).fill)
    }
})

it('has one palette and one direction on the desk and on the wall, and much is dark on both', () => {
  const light = (fill: string) => [1, 3, 5].reduce((sum, at) => sum + parseInt(fill.slice(at, at + 2), 16), 0)
  for (const layer of ['reach', 'reported', 'risk', 'plan'] as const) {
    const [desk, wall] = (['light', 'dark'] as const).map((theme) =>
      legendOf(layer, EDGES, theme)
        .slice(0, 5)
        .map((entry) => entry.fill),
    )
    expect(desk).toEqual(wall)
    expect([...desk!].sort((a, b) => light(b) - light(a))).toEqual(desk)
  }
})

it('tells a gap, a zone of which nobody can say, one on course and one where nothing is due', () => {
  const told = (['gap', 'undecided', 'on_course', 'not_due', null] as const).map((standing) =>
    wordsOf(row({ standing }), 'gaps'),
  )
  expect(told).toEqual(['盲区', '说不准', '已到应达', '尚未到期', '不适用'])
  expect(lookOf(row({ standing: 'undecided' }), 'gaps').hatched).toBe(true)
})

it('says in words what the colour says', () => {
  expect(wordsOf(row(), 'reach')).toBe('约\u00a046\u00a0%（39–56\u00a0%）')
  expect(wordsOf(row({ reported: 1.8 }), 'reported')).toBe('180\u00a0%')
  language.value = 'en'
  expect(
    legendOf('reach', EDGES)
      .map((entry) => entry.text)
      .slice(0, 2),
  ).toEqual(['under 20\u00a0%', '20\u00a0%–40\u00a0%'])
})

it('draws cells for reach and reported coverage with the colours of the zones', () => {
  expect(cellsOf('reach', '/t', 11)!.colours.slice(1)).toEqual(
    legendOf('reach', EDGES)
      .slice(0, 5)
      .map((entry) => entry.fill),
  )
  expect(cellsOf('risk', '/t', 11)).toBeNull()
})

it('shows a past day by the history, with the names and weights of now', () => {
  const history = {
    zones: ['Z1', 'Z2'],
    days: ['2027-03-15', '2027-03-16'],
    handed_out: [
      [10, 300],
      [0, 0],
    ],
    reported: [
      [1, 5],
      [null, null],
    ],
    median: [
      [1, 5],
      [null, null],
    ],
    low: [
      [0, 3],
      [null, null],
    ],
    high: [
      [1, 6],
      [null, null],
    ],
    shade: [
      [0, 1],
      [0, 0],
    ],
    uncertain: [
      [0, 1],
      [0, 0],
    ],
    gap: [
      [1, 1],
      [0, 0],
    ],
    undecided: [
      [0, 0],
      [0, 0],
    ],
    area: { due_reach: [0.05, 0.06] },
    plan_ratio: [
      [null, 40],
      [null, null],
    ],
  } as unknown as Schemas['CoverageHistory']
  const [first, second] = rowsOfDay(history, 1, new Map([['Z1', row({ name: 'first', risk_weight: 1.4 })]]))
  expect(first).toMatchObject({
    name: 'first',
    handed_out: 300,
    reported: 0.05,
    reach: { median: 0.05, low: 0.03, high: 0.06 },
    shade: 1,
    uncertain: true,
    standing: 'gap',
    plan_ratio: 0.4,
    risk_weight: 1.4,
  })
  expect(second).toMatchObject({ name: 'Z2', reach: null, reported: null, standing: null, risk_weight: null })
})
