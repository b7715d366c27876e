// The outlines of the city's zones, for maps that show no campaign's figures.
import { api, answer } from '@/api'
import type { ZoneShape } from '@/map/geometry'
import type { Request } from '@/ui/load'

export async function readBoundaries(request: Request): Promise<ZoneShape[]> {
  const read = await answer(api.GET('/api/zones.geojson', { ...request, parseAs: 'json' }))
  return read.features.map(({ properties, geometry }) => ({ code: properties.code, name: properties.name, geometry }))
}
