// Words of people's own sheets that pasted rows are read by.

/** The row of a sum. */
export const TOTAL_ROW = /^(合计|总计|小计|共计|总数|total|sum|subtotal)[:：]?$/i
/** A number of copies as people type it, with or without its unit. */
export const FIGURE = /^[-+]?[\d０-９.,，]+份?$/
