// Where taps and the pack are kept on the phone: IndexedDB, else localStorage, else this page's memory (the screen
// says so).
import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction } from 'idb'
import { EARLIER_KEYS, hasCoordinates, withoutCoordinates } from './earlier'
import type { Schemas } from '@/api'
import type { FirstCopyAnswer, Handout, Refused, Waiting } from './records'

type OwnDay = Schemas['OwnDay']

/** What the server answered about records that were sent. */
export interface Settled {
  done: string[]
  refused: Refused[]
}

/** What the figures follow from, all of it as it was at one instant. */
export interface Snapshot {
  day: OwnDay | null
  /** How many days were taken so far: a day asked for before the newest was taken may be older than it. */
  days: number
  waiting: Waiting[]
  refused: Refused[]
}

/** A day that was read, with what it makes needless here. */
export interface ReadDay {
  day: OwnDay
  /** `days` of the snapshot at which it was asked for. */
  asked: number
  /** Answered records it holds. */
  held: string[]
  /** Refused records that the server keeps waiting no longer. */
  gone: string[]
}

export interface Store {
  readonly kind: 'indexeddb' | 'localstorage' | 'memory'
  /** Resolves when the record is on the phone's disk; rejects when it is not (no room). */
  add(waiting: Waiting): Promise<void>
  waiting(): Promise<Waiting[]>
  /** The rider's next records to send, oldest first; closes the questions whose time is over. */
  next(riderId: string, most: number, now: number): Promise<Waiting[]>
  /** Put the answer into a record whose question is still open. False: it was sent without. */
  answer(id: string, answer: FirstCopyAnswer | null, now: number): Promise<boolean>
  /** Recorded ones become answered; refused ones are kept apart, with the reason. */
  settle(settled: Settled): Promise<void>
  refused(): Promise<Refused[]>
  snapshot(): Promise<Snapshot>
  /** Take a day, and drop what it holds, in one step. False: another was taken since it was asked for. */
  takeDay(read: ReadDay): Promise<boolean>
  /** Delete records for good. */
  drop(ids: string[]): Promise<void>
  /** Forget refused records that the server has taken up or somebody has settled. */
  forget(ids: string[]): Promise<void>
  read<T>(key: string): Promise<T | undefined>
  keep(key: string, value: unknown): Promise<void>
  /** Delete what an earlier version of the page kept about coordinates; the taps themselves stay. */
  dropCoordinates(): Promise<void>
  /** Take the right to send until `until`, unless another page holds it. For browsers without Web Locks. */
  lease(holder: string, now: number, until: number): Promise<boolean>
}

interface Lease {
  holder: string
  until: number
}
interface Schema extends DBSchema {
  waiting: { key: string; value: Waiting }
  refused: { key: string; value: Refused }
  kept: { key: string; value: unknown }
}

const byId = (one: { id: string }, other: { id: string }) => (one.id < other.id ? -1 : 1)

/** Those of the rider that may go now. The question of one whose time is over is closed for good. */
function due(all: Waiting[], riderId: string, most: number, now: number): Waiting[] {
  return all
    .filter((each) => each.riderId === riderId && !each.answered && !(each.askUntil && each.askUntil > now))
    .sort(byId)
    .slice(0, most)
}
const closed = ({ askUntil: _, ...rest }: Waiting): Waiting => rest
/** As it is sent: without its question, and without what an earlier version of the page added to it. */
const asSent = (waiting: Waiting): Waiting => withoutCoordinates(closed(waiting))
const changesWhenSent = (waiting: Waiting): boolean => waiting.askUntil !== undefined || hasCoordinates(waiting)
const answeredFor = (waiting: Waiting): Waiting => ({ ...closed(waiting), answered: true })
const answered = (waiting: Waiting, answer: FirstCopyAnswer | null): Waiting =>
  closed(answer ? { ...waiting, record: { ...(waiting.record as Handout), first_copy_answer: answer } } : waiting)

class IndexedStore implements Store {
  readonly kind = 'indexeddb'
  constructor(private db: IDBPDatabase<Schema>) {}

  /**
   * Some phones drop the connection while the page sleeps: opened again, the same work is done again, which all of it
   * allows.
   */
  private async run<T>(work: (db: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
    try {
      return await work(this.db)
    } catch (error) {
      if (!['InvalidStateError', 'UnknownError', 'AbortError'].includes((error as DOMException).name)) throw error
      this.db = await openIndexed()
      return work(this.db)
    }
  }
  private write<K extends 'waiting' | 'refused' | 'kept', T>(
    stores: K[],
    work: (transaction: IDBPTransaction<Schema, K[], 'readwrite'>) => Promise<T>,
  ): Promise<T> {
    return this.run(async (db) => {
      // Strict: the promise resolves when the disk has it, not when the operating system promises to.
      const transaction = db.transaction(stores, 'readwrite', { durability: 'strict' })
      const [result] = await Promise.all([work(transaction), transaction.done])
      return result
    })
  }
  add = (waiting: Waiting) =>
    this.write(['waiting'], async (transaction) => void (await transaction.objectStore('waiting').put(waiting)))
  waiting = () => this.run((db) => db.getAll('waiting'))
  next = (riderId: string, most: number, now: number) =>
    this.write(['waiting'], async (transaction) => {
      const store = transaction.objectStore('waiting')
      const batch = due(await store.getAll(), riderId, most, now)
      for (const each of batch.filter(changesWhenSent)) await store.put(asSent(each))
      return batch.map(asSent)
    })
  answer = (id: string, answer: FirstCopyAnswer | null, now: number) =>
    this.write(['waiting'], async (transaction) => {
      const store = transaction.objectStore('waiting')
      const waiting = await store.get(id)
      if (!waiting?.askUntil || waiting.askUntil <= now) return false
      await store.put(answered(waiting, answer))
      return true
    })
  settle = ({ done, refused }: Settled) =>
    this.write(['waiting', 'refused'], async (transaction) => {
      const waiting = transaction.objectStore('waiting')
      for (const each of refused) {
        await transaction.objectStore('refused').put(each)
        await waiting.delete(each.id)
      }
      const sent = await Promise.all(done.map((id) => waiting.get(id)))
      await Promise.all(sent.filter((each) => !!each).map((each) => waiting.put(answeredFor(each))))
    })
  snapshot = () =>
    this.run(async (db) => {
      const transaction = db.transaction(['waiting', 'refused', 'kept'])
      const [waiting, refused, day, days] = await Promise.all([
        transaction.objectStore('waiting').getAll(),
        transaction.objectStore('refused').getAll(),
        transaction.objectStore('kept').get('day'),
        transaction.objectStore('kept').get('days'),
      ])
      return { waiting, refused, day: (day ?? null) as OwnDay | null, days: (days ?? 0) as number }
    })
  takeDay = ({ day, asked, held, gone }: ReadDay) =>
    this.write(['waiting', 'refused', 'kept'], async (transaction) => {
      const kept = transaction.objectStore('kept')
      const days = ((await kept.get('days')) ?? 0) as number
      if (days !== asked) return false
      await kept.put(day, 'day')
      await kept.put(days + 1, 'days')
      for (const id of held) await transaction.objectStore('waiting').delete(id)
      for (const id of gone) await transaction.objectStore('refused').delete(id)
      return true
    })
  drop = (ids: string[]) =>
    this.write(['waiting'], async (transaction) => {
      for (const id of ids) await transaction.objectStore('waiting').delete(id)
    })
  dropCoordinates = () =>
    this.write(['waiting', 'refused', 'kept'], async (transaction) => {
      const [waiting, refused] = [transaction.objectStore('waiting'), transaction.objectStore('refused')]
      for (const each of (await waiting.getAll()).filter(hasCoordinates)) await waiting.put(withoutCoordinates(each))
      for (const each of (await refused.getAll()).filter(hasCoordinates)) await refused.put(withoutCoordinates(each))
      for (const key of EARLIER_KEYS) await transaction.objectStore('kept').delete(key)
    })
  refused = () => this.run((db) => db.getAll('refused'))
  forget = (ids: string[]) =>
    this.write(['refused'], async (transaction) => {
      for (const id of ids) await transaction.objectStore('refused').delete(id)
    })
  read = <T>(key: string) => this.run((db) => db.get('kept', key)) as Promise<T | undefined>
  keep = (key: string, value: unknown) =>
    this.write(['kept'], async (transaction) => void (await transaction.objectStore('kept').put(value, key)))
  lease = (holder: string, now: number, until: number) =>
    this.write(['kept'], async (transaction) => {
      const store = transaction.objectStore('kept')
      const held = (await store.get('lease')) as Lease | undefined
      if (held && held.holder !== holder && held.until >= now) return false
      await store.put({ holder, until }, 'lease')
      return true
    })
}

/** One entry per record, so that two pages never write over each other's. */
class PlainStore implements Store {
  constructor(
    private readonly storage: Storage,
    readonly kind: 'localstorage' | 'memory',
  ) {}

  private all<T>(group: string): T[] {
    const prefix = `rider.${group}.`
    const keys = Array.from({ length: this.storage.length }, (_, i) => this.storage.key(i)!).filter((key) =>
      key.startsWith(prefix),
    )
    return keys.map((key) => JSON.parse(this.storage.getItem(key)!) as T)
  }
  private get<T>(group: string, key: string): T | undefined {
    const text = this.storage.getItem(`rider.${group}.${key}`)
    return text === null ? undefined : (JSON.parse(text) as T)
  }
  private put(group: string, key: string, value: unknown): void {
    this.storage.setItem(`rider.${group}.${key}`, JSON.stringify(value))
  }
  private remove(group: string, key: string): void {
    this.storage.removeItem(`rider.${group}.${key}`)
  }
  add = async (waiting: Waiting) => this.put('waiting', waiting.id, waiting)
  waiting = async () => this.all<Waiting>('waiting').sort(byId)
  async next(riderId: string, most: number, now: number): Promise<Waiting[]> {
    const batch = due(this.all('waiting'), riderId, most, now)
    for (const each of batch.filter(changesWhenSent)) this.put('waiting', each.id, asSent(each))
    return batch.map(asSent)
  }
  async answer(id: string, answer: FirstCopyAnswer | null, now: number): Promise<boolean> {
    const waiting = this.get<Waiting>('waiting', id)
    if (!waiting?.askUntil || waiting.askUntil <= now) return false
    this.put('waiting', id, answered(waiting, answer))
    return true
  }
  async settle({ done, refused }: Settled): Promise<void> {
    for (const each of refused) {
      this.put('refused', each.id, each)
      this.remove('waiting', each.id)
    }
    for (const id of done) {
      const sent = this.get<Waiting>('waiting', id)
      if (sent) this.put('waiting', id, answeredFor(sent))
    }
  }
  // Nothing else of this page runs in between.
  snapshot = async () => ({
    waiting: this.all<Waiting>('waiting').sort(byId),
    refused: this.all<Refused>('refused').sort(byId),
    day: this.get<OwnDay | null>('kept', 'day') ?? null,
    days: this.get<number>('kept', 'days') ?? 0,
  })
  async takeDay({ day, asked, held, gone }: ReadDay): Promise<boolean> {
    if ((this.get<number>('kept', 'days') ?? 0) !== asked) return false
    this.put('kept', 'day', day)
    this.put('kept', 'days', asked + 1)
    for (const id of held) this.remove('waiting', id)
    for (const id of gone) this.remove('refused', id)
    return true
  }
  async drop(ids: string[]): Promise<void> {
    for (const id of ids) this.remove('waiting', id)
  }
  async dropCoordinates(): Promise<void> {
    for (const group of ['waiting', 'refused'])
      for (const each of this.all<Waiting | Refused>(group).filter(hasCoordinates))
        this.put(group, each.id, withoutCoordinates(each))
    for (const key of EARLIER_KEYS) this.remove('kept', key)
  }
  refused = async () => this.all<Refused>('refused').sort(byId)
  async forget(ids: string[]): Promise<void> {
    for (const id of ids) this.remove('refused', id)
  }
  read = async <T>(key: string) => this.get<T>('kept', key)
  keep = async (key: string, value: unknown) => this.put('kept', key, value)
  async lease(holder: string, now: number, until: number): Promise<boolean> {
    const held = this.get<Lease>('kept', 'lease')
    if (held && held.holder !== holder && held.until >= now) return false
    this.put('kept', 'lease', { holder, until })
    return true
  }
}

/** Storage of a page that may keep nothing: gone with the page. */
class PageMemory implements Storage {
  private readonly entries = new Map<string, string>()
  get length(): number {
    return this.entries.size
  }
  key = (index: number) => Array.from(this.entries.keys())[index] ?? null
  getItem = (key: string) => this.entries.get(key) ?? null
  setItem = (key: string, value: string) => void this.entries.set(key, value)
  removeItem = (key: string) => void this.entries.delete(key)
  clear = () => this.entries.clear()
}

const seconds = (many: number) =>
  new Promise<never>((_, reject) => setTimeout(() => reject(new Error('no answer')), many * 1000))

async function openIndexed(): Promise<IDBPDatabase<Schema>> {
  const opening = openDB<Schema>('rider', 1, {
    upgrade(db) {
      db.createObjectStore('waiting', { keyPath: 'id' })
      db.createObjectStore('refused', { keyPath: 'id' })
      db.createObjectStore('kept')
    },
  })
  // Some web views never answer at all.
  return Promise.race([opening, seconds(4)])
}

function openPlain(): Store {
  try {
    localStorage.setItem('rider.try', '1')
    localStorage.removeItem('rider.try')
    return new PlainStore(localStorage, 'localstorage')
  } catch {
    return new PlainStore(new PageMemory(), 'memory')
  }
}

/** The best store this browser has. Taps kept in localStorage while IndexedDB was away move over when it is back. */
export async function openStore(): Promise<Store> {
  const plain = openPlain()
  let store: Store
  try {
    store = new IndexedStore(await openIndexed())
  } catch {
    return plain
  }
  for (const each of await plain.waiting()) {
    // Already there when an earlier move was cut short: the id says so.
    await store.add(each).catch(() => undefined)
    if ((await store.waiting()).some((kept) => kept.id === each.id)) await plain.drop([each.id])
  }
  return store
}
