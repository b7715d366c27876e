// MapLibre's own worker, after what older browsers lack. A file of ours, so that no blob: script is needed.
import './older'
import 'maplibre-gl/dist/maplibre-gl-worker.mjs'
