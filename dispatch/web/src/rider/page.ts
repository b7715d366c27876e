// Which of the phone's pages this is: two may be open, and one of them sends.
import { newId } from '@/ids'

/** This page's name among the phone's pages; the same after it is loaded again, so that it need not wait for itself. */
export function pageName(): string {
  const fresh = newId()
  try {
    const kept = sessionStorage.getItem('rider.page')
    if (!kept) sessionStorage.setItem('rider.page', fresh)
    return kept ?? fresh
  } catch {
    return fresh
  }
}
