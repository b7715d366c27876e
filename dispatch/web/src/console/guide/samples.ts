// The commands of the guide. tests/web/test_guide.py runs the same file against the real application.
import text from './samples.sh?raw'

const PLACEHOLDER = 'https://dispatch.example'

/** The commands by the name of their step, in order, for the server at this address. */
export function samplesFor(server: string): Map<string, string> {
  const parts = text.split(/^## /m).slice(1)
  return new Map(
    parts.map((part) => {
      const end = part.indexOf('\n')
      return [
        part.slice(0, end).trim(),
        part
          .slice(end + 1)
          .trim()
          .replaceAll(PLACEHOLDER, server),
      ]
    }),
  )
}
