// What an earlier version of this page may have left on the phone: the coordinates of a tap, and answers about them.
// They are deleted when the page opens, and no record is sent with them.

/** Keys under which the earlier version kept answers about coordinates, some of them still to be sent. */
export const EARLIER_KEYS = ['positions', 'withheld', 'later'] as const

/** Whether an earlier version put coordinates into this entry's record. */
export const hasCoordinates = ({ record }: { record: object }): boolean => 'position' in record

/** The entry without coordinates; the tap itself stays as it was, so that its id still means the same content. */
export function withoutCoordinates<T extends { record: object }>(entry: T): T {
  if (!hasCoordinates(entry)) return entry
  const { position: _, ...record } = entry.record as { position?: unknown }
  return { ...entry, record }
}
