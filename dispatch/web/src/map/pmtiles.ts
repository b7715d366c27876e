// A base map in one file of our server, read in parts. Loaded only where an operator has brought one.
import { FetchSource, PMTiles, Protocol } from 'pmtiles'
import { addProtocol } from 'maplibre-gl'
import { BACKGROUND, OURS } from '@/api'

let protocol: Protocol | null = null
const known = new Set<string>()

/** What MapLibre asks for the pictures of the file by. */
export async function addressOf(path: string): Promise<string> {
  if (!protocol) {
    protocol = new Protocol()
    addProtocol('pmtiles', protocol.tile)
  }
  const url = new URL(path, location.href).href
  if (!known.has(url)) {
    protocol.add(new PMTiles(new FetchSource(url, new Headers({ ...OURS, ...BACKGROUND }))))
    known.add(url)
  }
  return `pmtiles://${url}/{z}/{x}/{y}`
}
