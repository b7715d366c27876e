// From the phone's position (WGS-84) to the city's datum, by the arithmetic of dispatch/geo/datum.py (datum.spec.ts).
export type Datum = 'gcj02' | 'wgs84' | 'cgcs2000' | 'bd09'
/** Longitude before latitude, degrees. */
export type Place = readonly [number, number]

const SEMI_MAJOR_AXIS_METRES = 6_378_245
const ECCENTRICITY_SQUARED = 0.00669342162296594323
const BAIDU_FREQUENCY = (Math.PI * 3000) / 180
const { abs, atan2, cos, hypot, PI, sin, sqrt } = Math

export function fromWgs84(place: Place, datum: Datum): Place {
  if (datum === 'wgs84' || datum === 'cgcs2000') return place
  const gcj02 = shifted(place)
  return datum === 'gcj02' ? gcj02 : baidu(gcj02)
}

function shifted([longitude, latitude]: Place): Place {
  const inChina = longitude >= 72.004 && longitude <= 137.8347 && latitude >= 0.8293 && latitude <= 55.8271
  if (!inChina) return [longitude, latitude]
  const x = longitude - 105
  const y = latitude - 35
  const root = sqrt(abs(x))
  const ripple = ((20 * sin(6 * PI * x) + 20 * sin(2 * PI * x)) * 2) / 3
  let east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
  east += ((20 * sin(PI * x) + 40 * sin((PI * x) / 3)) * 2) / 3
  east += ((150 * sin((PI * x) / 12) + 300 * sin((PI * x) / 30)) * 2) / 3
  let north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
  north += ((20 * sin(PI * y) + 40 * sin((PI * y) / 3)) * 2) / 3
  north += ((160 * sin((PI * y) / 12) + 320 * sin((PI * y) / 30)) * 2) / 3
  const angle = (latitude * PI) / 180
  const flattening = 1 - ECCENTRICITY_SQUARED * sin(angle) ** 2
  const across = (SEMI_MAJOR_AXIS_METRES / sqrt(flattening)) * cos(angle)
  const along = (SEMI_MAJOR_AXIS_METRES * (1 - ECCENTRICITY_SQUARED)) / flattening ** 1.5
  return [longitude + ((east / across) * 180) / PI, latitude + ((north / along) * 180) / PI]
}

function baidu([longitude, latitude]: Place): Place {
  const radius = hypot(longitude, latitude) + 0.00002 * sin(latitude * BAIDU_FREQUENCY)
  const angle = atan2(latitude, longitude) + 0.000003 * cos(longitude * BAIDU_FREQUENCY)
  return [radius * cos(angle) + 0.0065, radius * sin(angle) + 0.006]
}
