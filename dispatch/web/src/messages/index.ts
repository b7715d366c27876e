// Chinese first, English complete: a text is a pair, so that neither side can be forgotten.
import { shallowRef } from 'vue'
import { COMMON } from './common'

export type Language = 'zh' | 'en'
/** [中文, English]. "{name}" is filled in; "{n|copy|copies}" chooses by the number n. */
export type Text = readonly [string, string]
export type Dictionary = Readonly<Record<string, Text>>
export type Values = Readonly<Record<string, string | number>>

const KEPT = 'dispatch.language'
const asked = new URLSearchParams(globalThis.location?.search ?? '').get('lang')

function keptLanguage(): Language {
  if (asked === 'en' || asked === 'zh') return asked
  try {
    return localStorage.getItem(KEPT) === 'en' ? 'en' : 'zh'
  } catch {
    return 'zh' // storage is closed to us in some web views
  }
}

/** Whether somebody chose the language on this device; else the account's choice counts. */
export function isLanguageChosen(): boolean {
  if (asked === 'en' || asked === 'zh') return true
  try {
    return localStorage.getItem(KEPT) !== null
  } catch {
    return false
  }
}

export const language = shallowRef<Language>(keptLanguage())

export function setLanguage(chosen: Language): void {
  language.value = chosen
  try {
    localStorage.setItem(KEPT, chosen)
  } catch {
    // Chosen for this visit only.
  }
}

export const locale = (): string => (language.value === 'en' ? 'en-GB' : 'zh-CN')

/** A pair in the language of the page, with its values. */
export function say(text: Text, values: Values = {}): string {
  const filled = text[language.value === 'en' ? 1 : 0]!.replace(
    /\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g,
    (_, name: string, one?: string, other?: string) => {
      const value = values[name]
      if (one !== undefined) return Number(value) === 1 ? one : other!
      return value === undefined ? `{${name}}` : String(value)
    },
  )
  // No line breaks between a number and what it counts, or after "about".
  return filled.replace(/(\d) (?=%)/g, '$1\u00a0').replace(/(约|不足|about|=) (?=\d)/g, '$1\u00a0')
}

/** `t(key, values)` over a slice's own texts and the common ones; unknown keys do not compile. */
export function translator<D extends Dictionary>(
  dictionary: D,
): (key: keyof D | keyof typeof COMMON, values?: Values) => string {
  const all: Dictionary = { ...COMMON, ...dictionary }
  return (key, values) => say(all[key as string] ?? [String(key), String(key)], values)
}
