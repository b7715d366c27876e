// How a city is drawn: the layers of its zones from the ground up, and the patterns laid over a zone's colour.
import { GROUND, UNKNOWN, type Theme } from './look'
import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from './maplibre'

export const EDGE = { light: '#ffffff', dark: '#22364f' } as const
const CHOSEN = { light: ['#101d33', '#ffffff'], dark: ['#ffd166', '#0b1626'] } as const
const POINTED = { light: '#17212e', dark: '#ffffff' } as const
const TEXT = { light: ['#17212e', '#ffffff'], dark: ['#e8eef7', '#0b1626'] } as const
const none = { type: 'FeatureCollection', features: [] } as const

const flag = (name: string): ExpressionSpecification => ['boolean', ['feature-state', name], false]
/** A value for zones with this mark, and another for the rest. */
export const where = (name: string, yes: number, no: number): ExpressionSpecification => ['case', flag(name), yes, no]

/** Rings and dots of gaps: colour and radius. */
const DOTS = {
  light: [
    ['rgba(255,255,255,0.85)', 4],
    ['rgba(90,10,8,0.95)', 2.6],
  ],
  dark: [
    ['rgba(11,22,38,0.8)', 4.4],
    ['#ff8573', 3],
  ],
} as const

/** A small square of the pattern: slanting lines, or dots. Dark with a light edge, to be seen on every colour. */
export function pattern(kind: 'hatch' | 'dots', theme: Theme): ImageData {
  const size = kind === 'hatch' ? 16 : 18
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = size
  const pen = canvas.getContext('2d')!
  if (kind === 'hatch') {
    for (const [colour, width] of [
      ['rgba(255,255,255,0.75)', 4.5],
      ['rgba(20,28,40,0.85)', 2],
    ] as const) {
      pen.strokeStyle = colour
      pen.lineWidth = width
      pen.beginPath()
      for (const offset of [-size, 0, size]) {
        pen.moveTo(offset - 2, size + 2)
        pen.lineTo(offset + size + 2, -2)
      }
      pen.stroke()
    }
  } else {
    for (const [colour, radius] of DOTS[theme]) {
      pen.fillStyle = colour
      pen.beginPath()
      pen.arc(size / 2, size / 2, radius, 0, 2 * Math.PI)
      pen.fill()
    }
  }
  return pen.getImageData(0, 0, size, size)
}

/** A zone's area: in full until the zoom at which cells are shown, which the map sets. */
const area = (value: ExpressionSpecification | number): ExpressionSpecification => [
  'interpolate',
  ['linear'],
  ['zoom'],
  29,
  value,
  30,
  0,
]

const fills: LayerSpecification[] = [
  {
    id: 'zone-fill',
    type: 'fill',
    source: 'zones',
    paint: {
      'fill-color': ['to-color', ['feature-state', 'fill'], UNKNOWN],
      'fill-antialias': false,
      'fill-opacity': area(1),
    },
  },
  {
    id: 'zone-hatch',
    type: 'fill',
    source: 'zones',
    paint: { 'fill-pattern': 'hatch', 'fill-opacity': area(where('hatched', 0.55, 0)) },
  },
  {
    id: 'zone-dots',
    type: 'fill',
    source: 'zones',
    paint: { 'fill-pattern': 'dots', 'fill-opacity': area(where('dotted', 0.9, 0)) },
  },
]

const chosenEdge = (id: string, colour: string, width: number): LayerSpecification => ({
  id,
  type: 'line',
  source: 'zones',
  layout: { 'line-join': 'round' },
  paint: { 'line-color': colour, 'line-width': where('chosen', width, 0) },
})

const outlines = (theme: Theme): LayerSpecification[] => [
  {
    id: 'zone-edge',
    type: 'line',
    source: 'zones',
    paint: { 'line-color': EDGE[theme], 'line-width': ['interpolate', ['linear'], ['zoom'], 8, 0.6, 13, 1.8] },
  },
  {
    id: 'extra-line',
    type: 'line',
    source: 'extra',
    paint: { 'line-color': ['get', 'colour'], 'line-width': 2.5, 'line-dasharray': [2, 1.5] },
  },
  {
    id: 'zone-pointed',
    type: 'line',
    source: 'zones',
    paint: { 'line-color': POINTED[theme], 'line-width': where('pointed', 2, 0) },
  },
  chosenEdge('zone-chosen-edge', CHOSEN[theme][1], 6.5),
  chosenEdge('zone-chosen', CHOSEN[theme][0], 3),
]

const names = (theme: Theme): LayerSpecification => ({
  id: 'zone-name',
  type: 'symbol',
  source: 'names',
  minzoom: 10,
  layout: {
    'text-field': ['get', 'name'],
    'text-font': ['Noto Sans CJK SC', 'sans-serif'],
    'text-size': 12,
    'text-max-width': 7,
    'text-padding': 4,
  },
  paint: { 'text-color': TEXT[theme][0], 'text-halo-color': TEXT[theme][1], 'text-halo-width': 1.4 },
})

/** The style of an empty map; zones, names and further outlines come as data. */
export function style(theme: Theme): StyleSpecification {
  const zones = { type: 'geojson', data: none, promoteId: 'code' } as const
  const shape = { type: 'geojson', data: none } as const
  const ground: LayerSpecification = {
    id: 'ground',
    type: 'background',
    paint: { 'background-color': GROUND[theme] },
  }
  return {
    version: 8,
    sources: { zones, names: shape, extra: shape },
    layers: [ground, ...fills, ...outlines(theme), names(theme)],
  }
}
