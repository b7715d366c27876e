// Work under way within a dialog: what was pressed is carried out, and until its answer came there is no other way on.
import type { InjectionKey, Ref } from 'vue'

/** How many pieces of work are under way. */
export const WORK: InjectionKey<Ref<number>> = Symbol('work')
