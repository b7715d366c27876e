// The way to walk in words of the page's language, from the facts the check was drawn with.
import type { Schemas } from '@/api'
import { translator } from '@/messages'
import { CHECKS } from './messages'

export function walkOf(cluster: Schemas['SpotCheckCluster']): string {
  const t = translator(CHECKS)
  return t('walk_text', {
    direction: t(`direction_${cluster.start_direction}`),
    first: cluster.first_door,
    interval: cluster.door_interval,
    planned: cluster.planned,
  })
}

/** A seed as people can read it out: up to nine digits. */
export const newSeed = (): number => crypto.getRandomValues(new Uint32Array(1))[0]! % 1_000_000_000
