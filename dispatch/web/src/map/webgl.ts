// Whether this browser can draw a map by WebGL 2; asked once.
let known: boolean | null = null

export function hasWebGl(): boolean {
  if (known === null) {
    try {
      const context = document.createElement('canvas').getContext('webgl2')
      known = context !== null
      context?.getExtension('WEBGL_lose_context')?.loseContext()
    } catch {
      known = false
    }
  }
  return known
}
