import { afterEach, expect, it } from 'vitest'
import { language } from '@/messages'
import { faultAt, placeOf, reasonOf } from './fault'

afterEach(() => void (language.value = 'zh'))

it('words a fault by its slug, else by the decoder’s words, else as it came', () => {
  language.value = 'en'
  expect(reasonOf({ reason: 'same-holder', detail: 'x' })).toBe('The copies are already there')
  expect(reasonOf({ detail: 'Expected `int` >= 1' })).toBe('Must be at least 1')
  expect(reasonOf({ detail: 'Something nobody thought of' })).toBe('Something nobody thought of')
})

it('takes the row as the server worded it, on a Chinese page only', () => {
  const fault = { row: 3, detail: 'copies (copies): is missing', chinese: '\u4e0d\u80fd\u4e3a\u7a7a' }
  expect(reasonOf(fault)).toBe(fault.chinese)
  language.value = 'en'
  expect(reasonOf(fault)).toBe(fault.detail)
})

it("says where by the names of the form, also of the decoder's own pointers", () => {
  language.value = 'en'
  expect(placeOf('/moves[0].copies')).toBe('item 1 · Copies')
  expect(placeOf('/moves/2/from')).toBe('item 3 · From')
  expect(placeOf('/something_else')).toBe('something_else')
  expect(reasonOf({ detail: 'Expected `int` <= 50000000' })).toBe('Must be at most 50,000,000')
  expect(faultAt({ faults: [{ pointer: '/moves[0].copies', detail: 'Expected `int` >= 1' }] }, 'copies')).toBe(
    'Must be at least 1',
  )
})

it('finds the fault of a field, also inside a list of moves', () => {
  language.value = 'en'
  const problem = { faults: [{ pointer: '/moves/0/copies', detail: 'Expected `int` >= 1' }] }
  expect(faultAt(problem, 'copies')).toBe('Must be at least 1')
  expect(faultAt(problem, 'reason')).toBeNull()
  expect(faultAt(null, 'copies')).toBeNull()
})
