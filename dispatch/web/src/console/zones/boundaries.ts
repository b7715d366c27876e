// The outlines of the city's zones, for maps that show no campaign's figures.
import { api, answer } from '@/api'
import type { Outline, ZoneShape } from '@/map/geometry'
import type { Request } from '@/ui/load'

interface Collection {
  features: { properties: { code: string; name: string }; geometry: Outline }[]
}

export async function readBoundaries(request: Request): Promise<ZoneShape[]> {
  const read = (await answer(api.GET('/api/zones.geojson', { ...request, parseAs: 'json' }) as never)) as Collection
  return read.features.map(({ properties, geometry }) => ({ code: properties.code, name: properties.name, geometry }))
}
