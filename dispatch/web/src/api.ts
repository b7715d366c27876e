// Every call to the server goes through here: typed by the contract, each refusal a Problem, each loss of the network
// one too.
import createClient, { type Middleware } from 'openapi-fetch'
import type { components, paths } from './openapi'

export type Schemas = components['schemas']

/** One fault of a request or of a file's row, as the server points at it. */
export interface Fault {
  pointer?: string
  row?: number
  code?: string | null
  field?: string | null
  reason?: string
  detail: string
}

/**
 * A refusal (RFC 9457). `slug` never changes; pages word it by messages/problems.ts. `facts` are its typed
 * extensions.
 */
export class Problem extends Error {
  readonly facts: Record<string, unknown>

  constructor(
    readonly slug: string,
    readonly status: number,
    readonly detail: string,
    document: Record<string, unknown> = {},
    /** Seconds after which the server wants to be asked again. */
    readonly retryAfter: number | null = null,
  ) {
    super(detail)
    const { type: _type, title: _title, status: _status, detail: _detail, ...facts } = document
    this.facts = facts
  }

  get faults(): Fault[] {
    return Array.isArray(this.facts.errors) ? (this.facts.errors as Fault[]) : []
  }

  /** The request may or may not have been carried out: send the same again, under the same ids. */
  get isUncertain(): boolean {
    return this.slug === 'offline' || this.status >= 500 || this.status === 429
  }
}

export const offline = () => new Problem('offline', 0, 'The server cannot be reached.')

/** Any thrown thing as a Problem; what is no refusal is a fault of the page. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof TypeError && /fetch|network|load failed/i.test(error.message)) return offline()
  return new Problem('page-fault', 0, error instanceof Error ? error.message : String(error))
}

export async function problemOf(response: Response): Promise<Problem> {
  const retry = Number(response.headers.get('retry-after'))
  const retryAfter = Number.isFinite(retry) && retry > 0 ? retry : null
  try {
    const document = (await response.json()) as Record<string, unknown>
    const slug = String(document.type ?? '').replace(/^.*\/problems\//, '') || 'unexpected'
    return new Problem(slug, response.status, String(document.detail ?? ''), document, retryAfter)
  } catch {
    // A proxy's own page: it says nothing of ours, but the status does.
    return new Problem(
      response.status >= 500 ? 'busy' : 'unexpected',
      response.status,
      response.statusText,
      {},
      retryAfter,
    )
  }
}

type Listener = (problem: Problem) => void
const listeners = new Set<Listener>()

/** Called with every refusal; the session listens for its own end. Returns a function that stops it. */
export function onRefusal(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const reached = new Set<() => void>()
/** Called at every answer of the server: it can be reached. */
export const onReached = (listener: () => void) => void reached.add(listener)

function refused(problem: Problem): Problem {
  listeners.forEach((listener) => listener(problem))
  return problem
}

/** Sent with every call: a page of ours asks, which a form on a stranger's page cannot say. */
export const OURS = { 'X-Requested-With': 'dispatch' }
/** Sent with background refreshes: they do not count as activity of the person. */
export const BACKGROUND = { 'X-Background': '1' }

/**
 * When a person's call last reached the server: the idle time of the session is counted from it, in every tab alike.
 */
const ASKED = 'dispatch.asked'
let asked = Date.now()
function noteAsked(): void {
  asked = Date.now()
  try {
    localStorage.setItem(ASKED, String(asked))
  } catch {
    // This tab knows at least of itself.
  }
}
export function lastAsked(): number {
  try {
    return Math.max(asked, Math.min(Number(localStorage.getItem(ASKED)) || 0, Date.now()))
  } catch {
    return asked
  }
}

const refusals: Middleware = {
  onRequest({ request }) {
    if (!request.headers.has('x-background')) noteAsked()
    return undefined
  },
  async onResponse({ response }) {
    if (response.status < 500) reached.forEach((listener) => listener())
    // 304 has no body to show; fetch takes it from the browser's own cache.
    if (!response.ok && response.status !== 304) throw refused(await problemOf(response))
    return undefined
  },
  onError({ error }) {
    if (error instanceof Problem || (error as Error).name === 'AbortError') return error as Error
    return refused(offline())
  },
}

export const api = createClient<paths>({ baseUrl: '/', headers: OURS })
api.use(refusals)

/** What a call answered. Refusals were thrown before, so the data is there (or the answer has none to give). */
export async function answer<T>(call: Promise<{ data?: T; response: Response }>): Promise<NonNullable<T>> {
  return (await call).data as NonNullable<T>
}

/** Send a file as the body, as the import routes take it; reports the share sent (0 to 1). Throws Problem. */
export function sendFile<T>(
  path: string,
  file: Blob,
  mediaType: string,
  onProgress?: (share: number) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    // fetch reports nothing of an upload's progress, and a table of 60,000 rows over an office line takes a while.
    const request = new XMLHttpRequest()
    request.open('POST', path)
    request.setRequestHeader('content-type', mediaType)
    for (const [name, value] of Object.entries(OURS)) request.setRequestHeader(name, value)
    request.upload.onprogress = (event) => event.lengthComputable && onProgress?.(event.loaded / event.total)
    request.onerror = () => reject(refused(offline()))
    noteAsked()
    request.onload = async () => {
      const headers = { 'retry-after': request.getResponseHeader('retry-after') ?? '' }
      if (request.status >= 200 && request.status < 300) {
        resolve((request.responseText ? JSON.parse(request.responseText) : null) as T)
      } else {
        reject(refused(await problemOf(new Response(request.responseText, { status: request.status, headers }))))
      }
    }
    request.send(file)
  })
}
