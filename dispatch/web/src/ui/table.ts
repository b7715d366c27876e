// What a table's column is. `value` sorts, `text` shows; a slot named after the key may draw the cell instead.
export interface Column<Row> {
  key: string
  title: string
  text?: (row: Row) => string
  value?: (row: Row) => string | number | null | undefined
  /** Numbers are aligned right, with figures of equal width. */
  number?: boolean
  /** Shown to screen readers and on hover of the header. */
  note?: string
  /** Left out on narrow screens. */
  wide?: boolean
}

/** Rows by a column: numbers by size, texts by the page's language, what is missing always last. */
export function sorted<Row>(
  rows: readonly Row[],
  column: Column<Row> | undefined,
  down: boolean,
  locale: string,
): Row[] {
  const value = column?.value ?? column?.text
  if (!value) return [...rows]
  const collator = new Intl.Collator(locale, { numeric: true })
  return [...rows].sort((left, right) => {
    const [a, b] = [value(left), value(right)]
    if (a === null || a === undefined || b === null || b === undefined)
      return Number(a === null || a === undefined) - Number(b === null || b === undefined)
    const order = typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b))
    return down ? -order : order
  })
}
