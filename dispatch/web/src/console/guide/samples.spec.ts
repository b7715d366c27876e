import { expect, test } from 'vitest'
import { GUIDE, STEPS } from './messages'
import { samplesFor } from './samples'

test('every step of the guide has its commands and its words, in the same order', () => {
  expect([...samplesFor('https://a.test').keys()]).toEqual([...STEPS])
  for (const step of STEPS) expect(GUIDE[`${step}_title`][0], step).not.toBe('')
})

test('the commands name this server and leave no other', () => {
  const all = [...samplesFor('https://a.test').values()].join('\n')
  expect(all).toContain('export SERVER=https://a.test')
  expect(all).not.toContain('dispatch.example')
})
