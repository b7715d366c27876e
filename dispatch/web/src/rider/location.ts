// Asks the phone where it is and answers with a map cell only. The position lives in this function's call and nowhere else,
// unless the rider agreed to more: then `take` gets it.
import { cellOf, VAGUEST_METRES, type PackCell } from './cells'
import type { Datum } from './datum'
import type { Fix } from './records'

const OPTIONS: PositionOptions = { enableHighAccuracy: true, timeout: 12_000, maximumAge: 30_000 }

/** The cell; null when the phone does not know well enough; 'denied' when it was not allowed to say. */
export function locateCell(datum: Datum, cells: readonly PackCell[], take?: (fix: Fix) => void): Promise<string | null | 'denied'> {
  return new Promise((resolve) => {
    if (!('geolocation' in navigator)) return resolve('denied')
    navigator.geolocation.getCurrentPosition(
      ({ coords: { longitude, latitude, accuracy }, timestamp }) => {
        if (accuracy <= VAGUEST_METRES) take?.({ position: { longitude, latitude, datum: 'wgs84', accuracy_metres: accuracy }, at: Math.min(timestamp, Date.now()) })
        resolve(cellOf([longitude, latitude], accuracy, datum, cells))
      },
      (error) => resolve(error.code === error.PERMISSION_DENIED ? 'denied' : null),
      OPTIONS,
    )
  })
}
