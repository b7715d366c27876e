// The drawing of a city by MapLibre: zones coloured by a function, cells from our own tiles. ZoneMap.vue wraps it for
// pages.
import type { Schemas } from '@/api'
import { boundsOf, middleOf, type Bounds, type Margins, type ZoneShape } from './geometry'
import type { CellLayer, ExtraOutline, Look, LookOf, Theme } from './look'
import { MapLibreMap, type ExpressionSpecification, type GeoJSONSource, type MapMouseEvent } from './maplibre'
import { EDGE, pattern, style, where } from './style'

/** The operator's base map, as the server describes it. */
export type BaseMap = Schemas['BaseMap']

export interface CityMapOptions {
  container: HTMLElement
  label: string
  theme: Theme
  margins: Margins
  /** Called when a zone is clicked, or chosen by Enter at the middle of the map. */
  choose: (code: string) => void
  /** Called with the zone the pointer is on, and where. */
  point: (code: string | null, x: number, y: number) => void
  /** Sent with every request to our own server. */
  headers: () => Record<string, string>
  /** What lies under the zones; none without the operator's doing. */
  base: BaseMap | null
}

/** How much of a zone's colour is laid over a base map. */
const THROUGH = 0.62

const calm = () => window.matchMedia('(prefers-reduced-motion: reduce)').matches

/** Outlines come typed by the contract; MapLibre wants the types of GeoJSON, which say the same. */
const collection = (features: readonly object[]) =>
  ({ type: 'FeatureCollection', features }) as Parameters<GeoJSONSource['setData']>[0]

export class CityMap {
  readonly map: MapLibreMap
  /** Settled once the first picture is complete. */
  readonly drawn: Promise<void>
  private shapes = new Map<string, ZoneShape>()
  private looks = new Map<string, string>()
  private bounds: Bounds | null = null
  private chosen: string | null = null
  private pointed: string | null = null
  private moved = false
  private opacity = 1
  private cells: CellLayer | null = null
  /** Zoom at which the whole city is in sight. */
  private whole = 0
  private resized: ResizeObserver
  private removed = false

  constructor(private readonly options: CityMapOptions) {
    const { container, theme, label } = options
    this.map = new MapLibreMap({
      container,
      style: style(theme),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      maxPitch: 0,
      fadeDuration: 0,
      renderWorldCopies: false,
      refreshExpiredTiles: false,
      localIdeographFontFamily: "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif",
      locale: { 'Map.Title': label },
      // Another server, as an operator's base map may come from, learns nothing of ours.
      transformRequest: (url) =>
        url.startsWith(`${location.origin}/`) ? { url, headers: options.headers() } : { url },
    })
    if (options.base) this.map.once('style.load', () => void this.drawBase(options.base!))
    this.map.touchZoomRotate.disableRotation()
    this.map.keyboard.disableRotation()
    this.drawPatterns(theme)
    this.drawn = new Promise((resolve) => this.map.once('idle', () => resolve()))
    this.listen()
    // A page that grows or shrinks keeps the whole city in sight, unless somebody has looked closer.
    this.resized = new ResizeObserver(() => !this.moved && this.fit(false))
    this.resized.observe(container)
  }

  private drawPatterns(theme: Theme): void {
    this.map.on('styleimagemissing', ({ id }) => {
      if ((id === 'hatch' || id === 'dots') && !this.map.hasImage(id))
        this.map.addImage(id, pattern(id, theme), { pixelRatio: 2 })
    })
    for (const kind of ['hatch', 'dots'] as const)
      this.map.once(
        'style.load',
        () => this.map.hasImage(kind) || this.map.addImage(kind, pattern(kind, theme), { pixelRatio: 2 }),
      )
  }

  private listen(): void {
    const { container, choose } = this.options
    const canvas = this.map.getCanvas()
    canvas.addEventListener('focus', () => container.classList.toggle('keyed', canvas.matches(':focus-visible')))
    canvas.addEventListener('blur', () => container.classList.remove('keyed'))
    this.map.on('movestart', (event) => (this.moved ||= !!(event as { originalEvent?: unknown }).originalEvent))
    this.map.on('mousemove', (event) => this.follow(event))
    this.map.on('mouseout', () => this.pointAt(null, 0, 0))
    this.map.on('click', (event) => {
      const code = this.codeAt(event.point.x, event.point.y)
      if (code) choose(code)
    })
    canvas.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return
      event.preventDefault()
      const code = this.codeAt(container.clientWidth / 2, container.clientHeight / 2)
      if (code) choose(code)
    })
  }

  /** Ready to take zones. */
  async loaded(): Promise<void> {
    if (this.map.isStyleLoaded()) return
    await new Promise<void>((resolve) => this.map.once('style.load', () => resolve()))
  }

  setZones(shapes: readonly ZoneShape[]): void {
    this.shapes = new Map(shapes.map((shape) => [shape.code, shape]))
    this.looks.clear()
    const bounds = boundsOf(shapes)
    const features = shapes.map(({ code, name, geometry }) => ({
      type: 'Feature',
      properties: { code, name },
      geometry,
    }))
    const names = shapes.map(({ name, geometry }) => ({
      type: 'Feature',
      properties: { name },
      geometry: { type: 'Point', coordinates: middleOf(geometry) },
    }))
    this.source('zones').setData(collection(features))
    this.source('names').setData(collection(names))
    const first = !this.bounds
    this.bounds = bounds
    if (bounds && (first || !this.moved)) this.fit(false)
  }

  setExtra(outlines: readonly ExtraOutline[]): void {
    const features = outlines.flatMap(({ colour, shapes }) =>
      shapes.map(({ geometry }) => ({ type: 'Feature', properties: { colour }, geometry })),
    )
    this.source('extra').setData(collection(features))
    const all = [...this.shapes.values(), ...outlines.flatMap((each) => each.shapes)]
    const bounds = boundsOf(all)
    if (bounds && !this.moved) {
      this.bounds = bounds
      this.fit(false)
    }
  }

  /** Colour the zones; only those that look different from before are touched. */
  paint(lookOf: LookOf): void {
    for (const code of this.shapes.keys()) {
      const look: Look = lookOf(code)
      const key = `${look.fill}${look.hatched ? 'h' : ''}${look.dotted ? 'd' : ''}`
      if (this.looks.get(code) === key) continue
      this.looks.set(code, key)
      this.map.setFeatureState(
        { source: 'zones', id: code },
        { fill: look.fill, hatched: !!look.hatched, dotted: !!look.dotted },
      )
    }
  }

  setOpacity(opacity: number): void {
    this.opacity = opacity
    // Where cells are shown the zones step back. Always by zoom: MapLibre takes another kind of expression amiss
    // while it draws.
    const from = this.cells ? this.cellsFrom(this.cells) : 30
    const fade = (
      value: ExpressionSpecification | number,
      back: ExpressionSpecification | number,
    ): ExpressionSpecification => ['interpolate', ['linear'], ['zoom'], from - 0.4, value, from, back]
    // The base map shows through, and the colours of the zones can still be distinguished.
    const zones = opacity * (this.options.base ? THROUGH : 1)
    this.map.setPaintProperty('zone-fill', 'fill-opacity', fade(zones, zones * 0.12))
    this.map.setPaintProperty('zone-hatch', 'fill-opacity', fade(where('hatched', 0.55 * opacity, 0), 0))
    this.map.setPaintProperty(
      'zone-dots',
      'fill-opacity',
      fade(where('dotted', 0.9 * opacity, 0), where('dotted', 0.45 * opacity, 0)),
    )
    if (this.map.getLayer('cell-fill')) this.map.setPaintProperty('cell-fill', 'fill-opacity', zones)
  }

  /** Show cells of these tiles, or none. */
  setCells(cells: CellLayer | null): void {
    const before = this.cells
    this.cells = cells
    if (before && (!cells || cells.url !== before.url || cells.from !== before.from)) {
      for (const layer of ['cell-hatch', 'cell-fill']) if (this.map.getLayer(layer)) this.map.removeLayer(layer)
      if (this.map.getSource('cells')) this.map.removeSource('cells')
    }
    if (cells) this.drawCells(cells)
    this.setOpacity(this.opacity)
  }

  /**
   * A small town fits the map at a zoom at which a city's cells are shown already: the zones come first there as
   * well.
   */
  private cellsFrom(cells: CellLayer): number {
    return Math.max(cells.from, this.whole + 1)
  }

  /** Calm and pale, for what is laid over it is what the map is about. */
  private async drawBase(base: BaseMap): Promise<void> {
    const address =
      base.kind === 'pmtiles'
        ? await (await import('./pmtiles')).addressOf(base.address)
        : new URL(base.address, location.href).href.replace(/%7B/g, '{').replace(/%7D/g, '}')
    if (this.removed) return
    this.map.addSource('base', {
      type: 'raster',
      tiles: [address],
      tileSize: 256,
      minzoom: base.min_zoom,
      maxzoom: base.max_zoom,
    })
    const paint = {
      light: { 'raster-saturation': -0.45, 'raster-contrast': -0.15 },
      dark: { 'raster-saturation': -0.7, 'raster-brightness-max': 0.45 },
    }[this.options.theme]
    this.map.addLayer(
      { id: 'base', type: 'raster', source: 'base', paint: { ...paint, 'raster-fade-duration': 0 } },
      'zone-fill',
    )
  }

  private drawCells(cells: CellLayer): void {
    const steps = cells.edges.flatMap((edge, index) => [edge, cells.colours[index + 1]!])
    const shades: ExpressionSpecification = ['step', ['get', cells.attribute], cells.colours[0]!, ...steps]
    const fill: ExpressionSpecification = ['case', ['has', cells.attribute], shades, cells.unknown]
    if (this.map.getSource('cells')) {
      this.map.setPaintProperty('cell-fill', 'fill-color', fill)
      this.map.setLayoutProperty('cell-hatch', 'visibility', cells.hatched ? 'visible' : 'none')
      return
    }
    // Beyond zoom 14 the tiles of 14 are enlarged: a cell is the same cell.
    this.map.addSource('cells', {
      type: 'vector',
      tiles: [new URL(cells.url, location.href).href.replace(/%7B/g, '{').replace(/%7D/g, '}')],
      minzoom: Math.floor(cells.from),
      maxzoom: 14,
    })
    const layer = { source: 'cells', 'source-layer': 'cells', minzoom: this.cellsFrom(cells) } as const
    this.map.addLayer(
      {
        id: 'cell-fill',
        type: 'fill',
        ...layer,
        paint: { 'fill-color': fill, 'fill-outline-color': EDGE[this.options.theme] },
      },
      'zone-edge',
    )
    this.map.addLayer(
      {
        id: 'cell-hatch',
        type: 'fill',
        ...layer,
        filter: ['==', ['get', 'wide'], 1],
        layout: { visibility: cells.hatched ? 'visible' : 'none' },
        paint: { 'fill-pattern': 'hatch', 'fill-opacity': 0.35 },
      },
      'zone-edge',
    )
  }

  /** Ask for the cells in sight again; what is shown stays until the answers are there. */
  refreshCells(): void {
    if (this.map.getSource('cells')) this.map.refreshTiles('cells')
  }

  setChosen(code: string | null): void {
    if (this.chosen) this.map.setFeatureState({ source: 'zones', id: this.chosen }, { chosen: false })
    this.chosen = code
    if (code) this.map.setFeatureState({ source: 'zones', id: code }, { chosen: true })
  }

  /** Bring a zone into the middle. */
  flyTo(code: string): void {
    const shape = this.shapes.get(code)
    const bounds = shape && boundsOf([shape])
    if (!bounds) return
    this.moved = true
    this.map.fitBounds(bounds as [number, number, number, number], {
      padding: this.padding(32),
      maxZoom: 12.4,
      duration: calm() ? 0 : 700,
    })
  }

  /** The whole city. */
  fit(slowly = true): void {
    if (!this.bounds || !this.options.container.clientWidth) return
    this.map.resize()
    this.map.fitBounds(this.bounds as [number, number, number, number], {
      padding: this.padding(0),
      duration: slowly && !calm() ? 500 : 0,
    })
    if (slowly) this.moved = false
    const whole =
      this.map.cameraForBounds(this.bounds as [number, number, number, number], { padding: this.padding(0) })?.zoom ?? 9
    this.map.setLayerZoomRange('zone-name', whole + 0.9, 24)
    if (whole === this.whole) return
    this.whole = whole
    for (const layer of ['cell-fill', 'cell-hatch'])
      if (this.cells && this.map.getLayer(layer)) this.map.setLayerZoomRange(layer, this.cellsFrom(this.cells), 24)
    this.setOpacity(this.opacity)
  }

  zoomBy(steps: number): void {
    this.moved = true
    this.map.zoomTo(this.map.getZoom() + steps, { duration: calm() ? 0 : 250 })
  }

  remove(): void {
    this.removed = true
    this.resized.disconnect()
    this.map.remove()
  }

  private padding(more: number): { top: number; right: number; bottom: number; left: number } {
    const [top, right, bottom, left] = this.options.margins
    return { top: top + more, right: right + more, bottom: bottom + more, left: left + more }
  }

  private source(name: string): GeoJSONSource {
    return this.map.getSource(name) as GeoJSONSource
  }

  private codeAt(x: number, y: number): string | null {
    if (!this.map.getLayer('zone-fill')) return null
    const [feature] = this.map.queryRenderedFeatures([x, y], { layers: ['zone-fill'] })
    return (feature?.properties.code as string | undefined) ?? null
  }

  private follow({ point }: MapMouseEvent): void {
    this.pointAt(this.codeAt(point.x, point.y), point.x, point.y)
  }

  private pointAt(code: string | null, x: number, y: number): void {
    if (code !== this.pointed) {
      if (this.pointed && this.shapes.has(this.pointed))
        this.map.setFeatureState({ source: 'zones', id: this.pointed }, { pointed: false })
      this.pointed = code
      if (code) this.map.setFeatureState({ source: 'zones', id: code }, { pointed: true })
      this.map.getCanvas().style.cursor = code ? 'pointer' : ''
    }
    this.options.point(code, x, y)
  }
}
