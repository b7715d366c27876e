// Names that tie a label to its field; unique on the page.
let count = 0
export const nextName = (word: string): string => `${word}-${(count += 1)}`
