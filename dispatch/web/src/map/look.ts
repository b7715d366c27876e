// How a zone looks on a map. A colour is never the only sign: the legend, the row and the name say the same.

/** `fill` as #rrggbb. */
export interface Look {
  fill: string
  /** Drawn with slanting lines: what is shown is uncertain. */
  hatched?: boolean
  /** Drawn with dots: something is wrong here. */
  dotted?: boolean
}

export type LookOf = (code: string) => Look

/** One line of a legend. */
export interface LegendEntry extends Look {
  text: string
}

/**
 * Map cells as vector tiles, shown when the map is near enough. `step` gives the colour by an attribute of the tile.
 */
export interface CellLayer {
  /** Address with {z}, {x} and {y}. */
  url: string
  /** Zoom from which the cells are shown, but never before the map is a step nearer than the whole city. */
  from: number
  attribute: string
  /** Colour below the first edge, then for each edge the colour from there on. */
  colours: readonly string[]
  edges: readonly number[]
  /** Colour where the attribute is missing. */
  unknown: string
  /** Cells with `wide` = 1 are hatched. */
  hatched?: boolean
}

/** Further outlines over the zones, such as where a file's zones would lie: a dashed line each. */
export interface ExtraOutline {
  key: string
  colour: string
  shapes: readonly { geometry: import('./geometry').Outline }[]
}

export const UNKNOWN = '#c3cad3'
/** Ground of maps, light and dark. */
export const GROUND = { light: '#eef1f5', dark: '#0b1626' } as const
export type Theme = keyof typeof GROUND
