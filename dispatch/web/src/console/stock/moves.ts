// How the ends of a move are called: riders by code only, the far ends of the ledger by their kind.
import type { Schemas } from '@/api'
import { say, type Text } from '@/messages'
import { LEDGER } from './messages.ledger'

const words: Record<string, Text> = LEDGER
export const kindWord = (kind: string): string => say(words[`holder_${kind}`] ?? [kind, kind])

export function endOf(move: Schemas['StockMove'], side: 'from' | 'to'): string {
  const [kind, code, name] = [move[`${side}_kind`], move[`${side}_code`], move[`${side}_name`]]
  if (!code) return kindWord(kind)
  if (kind === 'rider') return `${kindWord(kind)} ${code}`
  return kind === 'transit' ? `${kindWord(kind)} → ${name || code}` : name || code
}
