// Several offers chosen to be claimed by one call.
import type { Schemas } from '@/api'

type Batch = Schemas['Batch']
/** As many as the server takes in one call. */
export const MOST = 100

export const copiesOf = (batches: readonly Pick<Batch, 'copies' | 'copies_open'>[]): number =>
  batches.reduce((sum, each) => sum + (each.copies_open || each.copies), 0)

/** In parts that fit into a call. */
export function parts<T>(all: readonly T[], most = MOST): T[][] {
  return Array.from({ length: Math.ceil(all.length / most) }, (_, index) => all.slice(index * most, (index + 1) * most))
}

/** Copies as the depot packs them: whole bundles, and what is left over. */
export const packed = (copies: number, bundle: number): { bundles: number; loose: number } => ({
  bundles: Math.floor(copies / bundle),
  loose: copies % bundle,
})

/**
 * The id of a claim is kept until there is a sure answer: asked again, it is the same claim. For another outlet it is
 * another claim.
 */
export class ClaimIds {
  private readonly ids = new Map<string, string>()

  constructor(private readonly newId: () => string) {}

  of(batchId: string, outlet: string): string {
    const key = `${batchId}|${outlet}`
    if (!this.ids.has(key)) this.ids.set(key, this.newId())
    return this.ids.get(key)!
  }

  settle(batchId: string): void {
    for (const key of [...this.ids.keys()]) if (key.startsWith(`${batchId}|`)) this.ids.delete(key)
  }
}
