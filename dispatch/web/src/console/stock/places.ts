// The places copies may be at, by code, and what is held at one of them.
import { computed, type Ref } from 'vue'
import { answer, api } from '@/api'
import { whole } from '@/format'
import { translator } from '@/messages'
import { campaign } from '@/session'
import { useLoad, type Load } from '@/ui/load'
import { LEDGER } from './messages.ledger'

export interface PlaceChoice {
  kind: 'depot' | 'outlet'
  code: string
  name: string
}

/** Active depots and outlets in the caller's scope. */
export const readPlaces = (): Load<PlaceChoice[]> =>
  useLoad(async (request) => {
    const [depots, outlets] = await Promise.all([
      answer(api.GET('/api/depots', request)),
      answer(api.GET('/api/outlets', request)),
    ])
    return [
      ...depots.filter((each) => each.active).map(({ code, name }) => ({ kind: 'depot' as const, code, name })),
      ...outlets.filter((each) => each.active).map(({ code, name }) => ({ kind: 'outlet' as const, code, name })),
    ]
  })

/** What one holder has of a material, for the form that takes from it or counts it. */
export function useHeld(kind: Ref<'depot' | 'outlet' | 'rider'>, code: Ref<string>, material: Ref<string>) {
  const t = translator(LEDGER)
  const load = useLoad(
    async (request) => {
      const wanted = { kind: kind.value, code: code.value.trim(), material: material.value }
      if (!wanted.code || !wanted.material || wanted.kind === 'rider') return null
      const query = {
        holder_kind: wanted.kind,
        material_code: wanted.material,
        outlet_code: wanted.kind === 'outlet' ? wanted.code : undefined,
        limit: 1000,
      }
      const page = await answer(
        api.GET('/api/campaigns/{campaign_id}/stock/balances', {
          params: { path: { campaign_id: campaign.value!.campaign_id }, query },
          ...request,
        }),
      )
      return page.balances.find((row) => row.holder_code === wanted.code)?.copies ?? 0
    },
    [kind, code, material],
  )
  const copies = computed(() => load.data)
  const text = computed(() =>
    load.data === null ? undefined : load.data ? t('there', { n: whole(load.data) }) : t('there_none'),
  )
  return { copies, text }
}
