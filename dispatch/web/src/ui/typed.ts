// Numbers as people type them: full-width digits, separators and blanks included.

/** The number a field says, NaN when it says none. */
export function numberOf(text: string): number {
  const plain = text.normalize('NFKC').replace(/[,\s]/g, '')
  return /^(\d+(\.\d*)?|\.\d+)$/.test(plain) ? Number(plain) : NaN
}

/** The whole number above 0 a field says, else 0. */
export function countOf(text: string): number {
  const value = numberOf(text)
  return Number.isInteger(value) && value > 0 && value <= 50_000_000 ? value : 0
}
