// Words for what a zone's codes mean; the city's own words are shown as they are.
import { say, type Text } from '@/messages'
import { ZONES } from './messages'

const known = ZONES as Readonly<Record<string, Text>>
const worded = (prefix: string) => (value: string) => {
  const text = known[`${prefix}_${value}`]
  return text ? say(text) : value
}
export const kindWord = worded('kind')
export const groupWord = worded('group')
