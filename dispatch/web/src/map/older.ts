// What MapLibre takes for granted and Chromium 90 does not have. Loaded before it, on the page and in its worker.
interface Indexed<T> {
  readonly length: number
  readonly [index: number]: T
}

function at<T>(this: Indexed<T>, index: number): T | undefined {
  const place = Math.trunc(index) || 0
  return this[place < 0 ? this.length + place : place]
}

const holders = [
  Array,
  String,
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
]
for (const { prototype } of holders) {
  if (!('at' in prototype)) Object.defineProperty(prototype, 'at', { value: at, writable: true, configurable: true })
}
const hasOwn = (thing: object, key: PropertyKey) => Object.prototype.hasOwnProperty.call(thing, key)
if (!('hasOwn' in Object))
  Object.defineProperty(Object, 'hasOwn', { value: hasOwn, writable: true, configurable: true })

export {}
