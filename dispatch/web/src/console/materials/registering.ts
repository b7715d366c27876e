// What the two forms of this slice have in common: a code of our kind, faults shown after the first try, one save
// that shows its problem.
import { computed, ref, type ComputedRef } from 'vue'
import { asProblem, type Problem } from '@/api'

export const isCode = (typed: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/.test(typed.trim())

/** `faultsOf` returns what is wrong with each field; `send` is called when nothing is, `made` after it. */
export function useRegistering<Field extends string>(
  faultsOf: () => Record<Field, string | null>,
  send: () => Promise<unknown>,
  made: () => void,
) {
  const tried = ref(false)
  const problem = ref<Problem | null>(null)
  const faults: ComputedRef<Record<Field, string | null>> = computed(faultsOf)
  const shown = (field: Field) => (tried.value ? faults.value[field] : null)
  async function save(): Promise<void> {
    tried.value = true
    problem.value = null
    if (Object.values(faults.value).some(Boolean)) return
    try {
      await send()
      made()
    } catch (error) {
      problem.value = asProblem(error)
    }
  }
  return { problem, shown, save }
}
