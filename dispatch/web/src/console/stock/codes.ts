// What a scanned or typed code means among the bundles that are here.
export interface Sealed {
  code: string
  carton_code: string
  copies: number
}

/** As labels spell it: scanners set to a Chinese keyboard type full-width signs, people small letters. */
export const normalCode = (typed: string): string =>
  typed
    .replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replace(/[\u2010-\u2015\u2212\u3000\s]+/g, (gap) => (/\s|\u3000/.test(gap) ? '' : '-'))

/** Several codes of a pasted column or a scanner that ends each with a line. */
export const codesIn = (text: string): string[] =>
  text
    .split(/[\n\r\t,;\uff0c\u3001]+/)
    .map(normalCode)
    .filter(Boolean)

export interface Found<B extends Sealed> {
  bundles: B[]
  fault: 'absent' | 'twice' | null
}

/** The bundles a code adds to those already `taken`: itself, or what is here of its carton. */
export function bundlesOf<B extends Sealed>(code: string, here: readonly B[], taken: readonly string[]): Found<B> {
  const wanted = code.toUpperCase()
  const named = here.filter((each) => each.code.toUpperCase() === wanted)
  const matching = named.length ? named : here.filter((each) => each.carton_code.toUpperCase() === wanted)
  if (!matching.length) return { bundles: [], fault: 'absent' }
  const fresh = matching.filter((each) => !taken.includes(each.code))
  return { bundles: fresh, fault: fresh.length ? null : 'twice' }
}

/** Bundles by carton, for lists that people read. */
export function byCarton<B extends Sealed>(bundles: readonly B[]): [string, B[]][] {
  const cartons = new Map<string, B[]>()
  for (const bundle of bundles) cartons.set(bundle.carton_code, [...(cartons.get(bundle.carton_code) ?? []), bundle])
  return [...cartons]
}
