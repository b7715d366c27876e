import { expect, it } from 'vitest'
import { kindsOf, passwordRules } from './password'

it.each([
  ['Short 1 a', { length: false, kinds: true, login: true }],
  ['only small letters', { length: true, kinds: false, login: true }],
  ['Abcdefgh12', { length: true, kinds: true, login: true }],
  ['ｗａｎｇ．ｗｅｉ12Ab', { length: true, kinds: true, login: false }],
  ['', { length: false, kinds: false, login: false }],
])('judges %s as the server does', (password, rules) => {
  expect(passwordRules(password, 'Wang.Wei')).toEqual(rules)
})

it('counts Chinese as one kind of its own', () => {
  expect(kindsOf('云川反诈Ab1')).toBe(4)
})
