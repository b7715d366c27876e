// Asks the phone where it is and returns only a map cell. The coordinates exist within one call and nowhere else.
import { cellOf, type PackCell } from './cells'
import type { Datum } from './datum'

const OPTIONS: PositionOptions = { enableHighAccuracy: true, timeout: 12_000, maximumAge: 30_000 }

/** The cell; null when the phone does not know well enough; 'denied' when it was not allowed to say. */
export function locateCell(datum: Datum, cells: readonly PackCell[]): Promise<string | null | 'denied'> {
  return new Promise((resolve) => {
    if (!('geolocation' in navigator)) return resolve('denied')
    navigator.geolocation.getCurrentPosition(
      ({ coords: { longitude, latitude, accuracy } }) => resolve(cellOf([longitude, latitude], accuracy, datum, cells)),
      (error) => resolve(error.code === error.PERMISSION_DENIED ? 'denied' : null),
      OPTIONS,
    )
  })
}
