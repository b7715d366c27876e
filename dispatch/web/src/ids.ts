// Ids are made where a thing is meant, once: sent again after a lost answer it is the same thing.

let last = 0
let counter = 0

/**
 * A UUIDv7 (RFC 9562): later calls sort after earlier ones, also within a millisecond and when the clock steps back.
 */
export function newId(now: number = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  if (now > last) {
    last = now
    counter = ((bytes[6]! & 0x07) << 8) | bytes[7]! // starts in the lower half, so that it has room to rise
  } else if (++counter > 0xfff) {
    last += 1
    counter = 0
  }
  for (let i = 5, rest = last; i >= 0; i--) {
    bytes[i] = rest % 256
    rest = Math.floor(rest / 256)
  }
  bytes[6] = 0x70 | (counter >> 8)
  bytes[7] = counter & 0xff
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
