// Numbers in a few classes for colouring: as many things in each as can be, with edges people can read.

/** A light to dark ramp for amounts, distinguishable by lightness alone. */
export const AMOUNTS = ['#eaf1f9', '#c6dbef', '#9ac3e2', '#5f9fcf', '#2f74b5', '#134a86'] as const

const rounded = (value: number): number => {
  if (value <= 0) return 0
  const power = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1)
  return Math.round(value / power) * power
}

/** Rising edges between at most `wanted` classes of the positive values; fewer when there are few different ones. */
export function edgesOf(values: readonly (number | null | undefined)[], wanted: number = AMOUNTS.length - 1): number[] {
  const known = values.filter((value): value is number => typeof value === 'number' && value > 0).sort((a, b) => a - b)
  const edges = Array.from({ length: wanted - 1 }, (_, index) =>
    rounded(known[Math.floor(((index + 1) * known.length) / wanted)] ?? 0),
  )
  return [...new Set(edges)].filter((edge) => edge > (known[0] ?? 0))
}

/** Which class a value falls into: 0 for none at all, then 1 upwards. */
export const classOf = (value: number, edges: readonly number[]): number =>
  value <= 0 ? 0 : 1 + edges.filter((edge) => value >= edge).length
