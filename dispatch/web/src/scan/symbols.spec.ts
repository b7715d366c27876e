import encode from 'qr'
import { describe, expect, it } from 'vitest'
import { cameraFault, symbolIn, type Picture } from './symbols'

/** A label's symbol drawn into a grey picture: turned by some degrees, at a place, in a light of its own. */
function pictureOf(text: string, { side = 4, degrees = 0, light = 1 } = {}): Picture {
  const modules = encode(text, 'raw', { ecc: 'medium', border: 4 })
  const [width, height] = [480, 360]
  const data = new Uint8ClampedArray(width * height * 4).fill(255)
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)]
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [dx, dy] = [x - 250, y - 170]
      const column = Math.floor((dx * cos + dy * sin) / side + modules.length / 2)
      const row = Math.floor((dy * cos - dx * sin) / side + modules.length / 2)
      const dark = modules[row]?.[column]
      const shade = (dark === undefined ? 140 : dark ? 40 : 225) * light
      data.set([shade, shade, shade], (y * width + x) * 4)
    }
  return { width, height, data }
}

describe('a label held into the picture', () => {
  it.each([
    ['HB-0001-03', {}],
    ['HB-1500', { degrees: 23 }],
    ['HB-0042-08', { degrees: 180, side: 6 }],
    ['http://10.0.0.4/r#YT-0001', { side: 3, light: 0.6 }],
  ])('%s is read, %o', async (code, how) => {
    expect(await symbolIn(pictureOf(code, how))).toBe(code)
  })
  it('is no code when there is none', async () => {
    expect(await symbolIn({ width: 320, height: 240, data: new Uint8ClampedArray(320 * 240 * 4).fill(128) })).toBe('')
  })
})

it('distinguishes why there is no camera', () => {
  const named = (name: string) => cameraFault(new DOMException('', name))
  expect(['NotAllowedError', 'NotFoundError', 'NotReadableError', 'TypeError'].map(named)).toEqual([
    'refused',
    'none',
    'busy',
    'other',
  ])
})
