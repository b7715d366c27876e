// Lists that come in pages, read to their end where a page of ours shows them whole.
export async function everyPage<P extends { next_cursor: string | null }>(
  read: (cursor: string | undefined) => Promise<P>,
  most = 20,
): Promise<P[]> {
  const pages: P[] = []
  let cursor: string | undefined
  do {
    const page = await read(cursor)
    pages.push(page)
    cursor = page.next_cursor ?? undefined
  } while (cursor && pages.length < most)
  return pages
}
