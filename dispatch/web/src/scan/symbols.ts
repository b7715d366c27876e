// Reading the code on a label: by the browser's own detector where it has one, else by a reader of ours, fetched when
// a camera is opened.

/** A picture as a canvas gives it. */
export interface Picture {
  width: number
  height: number
  data: Uint8ClampedArray
}
/** The text of the symbol in sight; empty when there is none. */
export type Reader = (video: HTMLVideoElement) => Promise<string>

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>
}
interface DetectorClass {
  new (options: { formats: string[] }): Detector
  getSupportedFormats(): Promise<string[]>
}

async function ownDetector(): Promise<Detector | null> {
  const Native = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector
  // Some browsers have the class without an implementation.
  if (!Native || !(await Native.getSupportedFormats().catch(() => [] as string[])).includes('qr_code')) return null
  return new Native({ formats: ['qr_code'] })
}

/** The text of the symbol in a picture; empty when none can be read. */
export async function symbolIn(picture: Picture): Promise<string> {
  const { default: decode } = await import('qr/decode.js')
  try {
    return decode(picture, { effort: 3, timeLimit: 80 })
  } catch {
    return '' // it throws where there is no symbol
  }
}

/** Fine enough for a label at arm's length, small enough to be read several times a second. */
const WIDEST = 960

export async function symbolReader(): Promise<Reader> {
  const detector = await ownDetector()
  if (detector) return async (video) => (await detector.detect(video))[0]?.rawValue ?? ''
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })!
  return async (video) => {
    if (!video.videoWidth) return ''
    const scale = Math.min(1, WIDEST / video.videoWidth)
    const [width, height] = [Math.round(video.videoWidth * scale), Math.round(video.videoHeight * scale)]
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height })
    context.drawImage(video, 0, 0, width, height)
    return symbolIn(context.getImageData(0, 0, width, height))
  }
}

export type CameraFault = 'insecure' | 'refused' | 'none' | 'busy' | 'other'

/** Why there is no picture, as far as the browser says. */
export function cameraFault(error: unknown): CameraFault {
  const name = error instanceof Error || error instanceof DOMException ? error.name : ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'refused'
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'none'
  return name === 'NotReadableError' || name === 'AbortError' ? 'busy' : 'other'
}
