import { afterEach, describe, expect, it } from 'vitest'
import { language, say, translator } from '.'

const SOURCES = import.meta.glob('../**/*.{ts,vue}', { query: '?raw', import: 'default', eager: true }) as Record<
  string,
  string
>
const DICTIONARIES = import.meta.glob(['../**/messages*.ts', './*.ts', '!./*.spec.ts'], { eager: true }) as Record<
  string,
  Record<string, unknown>
>
const CHINESE = /[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]/

afterEach(() => void (language.value = 'zh'))

it('fills in values, and chooses the English form by the number', () => {
  const text = ['{n} 份', '{n} {n|copy|copies}'] as const
  expect(say(text, { n: 1 })).toBe('1 份')
  language.value = 'en'
  expect([say(text, { n: 1 }), say(text, { n: 2 })]).toEqual(['1 copy', '2 copies'])
})

it('shows the key of an unknown text rather than nothing', () => {
  expect(translator({})('no_such_key' as 'title')).toBe('no_such_key')
})

describe('every text lives in a messages file', () => {
  const elsewhere = Object.entries(SOURCES).filter(
    ([path]) => !/^\.\/|\/messages[^/]*\.ts$|\.spec\.ts$|openapi\.d\.ts$/.test(path),
  )
  it.each(elsewhere)('%s holds no Chinese text', (_, source) => {
    const lines = source
      .split('\n')
      .filter((line) => CHINESE.test(line.replace(/\/\/.*$|\/\*.*?\*\/|<!--.*?-->|^\s*\*.*$/g, '')))
    expect(lines).toEqual([])
  })
})

/** The pairs of a dictionary, also where an entry holds two of them (a problem's title and its fix). */
function pairsOf(dictionary: Record<string, unknown>): [string, [string, string]][] {
  const isPair = (each: unknown): each is [string, string] =>
    Array.isArray(each) && each.length === 2 && each.every((side) => typeof side === 'string')
  return Object.entries(dictionary).flatMap(
    ([key, entry]) =>
      (isPair(entry)
        ? [[key, entry]]
        : Array.isArray(entry)
          ? entry.filter(isPair).map((pair) => [key, pair])
          : []) as [string, [string, string]][],
  )
}

it('has both sides of every text, with the same values in them', () => {
  const names = (side: string) =>
    [...new Set([...side.matchAll(/\{(\w+)(?=[|}])/g)].map((match) => match[1]))].sort().join()
  const faults: string[] = []
  for (const [path, module] of Object.entries(DICTIONARIES))
    for (const dictionary of Object.values(module).filter(
      (each): each is Record<string, unknown> => typeof each === 'object' && each !== null,
    ))
      for (const [key, text] of pairsOf(dictionary)) {
        if (!text[0].trim() || !text[1].trim()) faults.push(`${path} ${key}: a side is empty`)
        if (CHINESE.test(text[1]) && !/language/.test(key)) faults.push(`${path} ${key}: Chinese on the English side`)
        if (names(text[0]) !== names(text[1]))
          faults.push(`${path} ${key}: {${names(text[0])}} against {${names(text[1])}}`)
      }
  expect(faults).toEqual([])
})
