import { expect, it } from 'vitest'
import type { Line } from './handOver'
import { keepDraft, keyOf, readDraft, waitingByOutlet, without } from './handOverDraft'

const line = (looseId: string): Line => ({
  bundlesId: `b-${looseId}`,
  looseId,
  mode: 'give',
  material: 'M1',
  from: { kind: 'outlet', code: 'O1' },
  to: { kind: 'rider', code: 'R1' },
  bundles: [{ code: 'HB-0001-01', carton_code: 'HB-0001', copies: 50 }],
  loose: 7,
  reason: '',
})
function storage() {
  const kept = new Map<string, string>()
  const store = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
    removeItem: (key: string) => void kept.delete(key),
    key: (index: number) => [...kept.keys()][index] ?? null,
    get length() {
      return kept.size
    },
  }
  return () => store
}
const place = { account: 'A', campaign: 'C', outlet: 'O1' }

it('gives back what was made ready, with its ids and whether it was sent', () => {
  const kept = storage()
  const draft = { lines: [line('1'), line('2')], uncertain: true }
  expect(keepDraft(keyOf(place), draft, kept)).toBe(true)
  expect(readDraft(keyOf(place), kept)).toEqual(draft)
})

it('shows no list of another account, campaign or outlet', () => {
  const kept = storage()
  keepDraft(keyOf(place), { lines: [line('1')], uncertain: false }, kept)
  for (const other of [{ account: 'B' }, { campaign: 'D' }, { outlet: 'O2' }])
    expect(readDraft(keyOf({ ...place, ...other }), kept).lines).toEqual([])
  expect(waitingByOutlet({ account: 'B', campaign: 'C' }, kept)).toEqual([])
})

it('counts what waits by outlet, and forgets a list that is empty', () => {
  const kept = storage()
  keepDraft(keyOf({ ...place, outlet: 'O2' }), { lines: [line('3')], uncertain: false }, kept)
  keepDraft(keyOf(place), { lines: [line('1'), line('2')], uncertain: false }, kept)
  expect(waitingByOutlet(place, kept)).toEqual([
    { outlet: 'O1', lines: 2 },
    { outlet: 'O2', lines: 1 },
  ])
  keepDraft(keyOf(place), { lines: [], uncertain: false }, kept)
  expect(waitingByOutlet(place, kept)).toEqual([{ outlet: 'O2', lines: 1 }])
  expect(kept().length).toBe(1)
})

it('takes off the list what was recorded and nothing that was added meanwhile', () => {
  expect(without([line('1'), line('2'), line('3')], [line('1'), line('2')])).toEqual([line('3')])
})

it('reads a spoilt list as none, and says when nothing can be kept', () => {
  const kept = storage()
  for (const spoilt of ['{', 'null', '{"lines":3}', '{"lines":[null,{}],"uncertain":true}']) {
    kept().setItem(keyOf(place), spoilt)
    expect(readDraft(keyOf(place), kept)).toEqual({ lines: [], uncertain: false })
  }
  const full = () => {
    throw new Error('no room')
  }
  expect(keepDraft(keyOf(place), { lines: [line('1')], uncertain: false }, full)).toBe(false)
  expect(readDraft(keyOf(place), full).lines).toEqual([])
  expect(waitingByOutlet(place, full)).toEqual([])
})
