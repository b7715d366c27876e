// MapLibre, loaded only where a map is drawn.
import './older'
import { setWorkerCount, setWorkerUrl } from 'maplibre-gl'
import workerUrl from './worker?worker&url'

setWorkerUrl(workerUrl)
// Zones come as one small GeoJSON and cells as tiles: a second worker would only be started for nothing.
setWorkerCount(1)

export { Map as MapLibreMap } from 'maplibre-gl'
export type {
  ExpressionSpecification,
  GeoJSONSource,
  LayerSpecification,
  MapGeoJSONFeature,
  MapMouseEvent,
  StyleSpecification,
} from 'maplibre-gl'
