// The list of an outlet to be recorded together: kept in this browser, sent under the same ids until an answer comes,
// and not left unsent without a word.
import { computed, onScopeDispose, ref, watch, type ComputedRef, type Ref } from 'vue'
import { onBeforeRouteLeave } from 'vue-router'
import { api, asProblem, type Problem } from '@/api'
import { translator } from '@/messages'
import { campaign, session } from '@/session'
import { notify } from '@/ui/notify'
import { faultsOf, movesOf, type Line } from './handOver'
import { keepDraft, keyOf, readDraft, without } from './handOverDraft'
import { DESK } from './messages.firm'

/** Nothing is left unsent without a word: by the menu, by closing the page. Returns what says it otherwise. */
function sayWhatIsLeft(lines: Ref<Line[]>, isKept: Ref<boolean>, account: string): () => void {
  const t = translator(DESK)
  function sayLeft(): void {
    if (lines.value.length) notify(t('left_unsent', { n: lines.value.length }))
  }
  onBeforeRouteLeave(() => {
    if (lines.value.length && !isKept.value) return window.confirm(t('leave_loses', { n: lines.value.length }))
    sayLeft()
    return true
  })
  function askBeforeClosing(event: BeforeUnloadEvent): void {
    // When somebody else has signed in the page goes at once, whatever it holds.
    if (!lines.value.length || session.profile?.subject_id !== account) return
    event.preventDefault()
    event.returnValue = '' // older browsers ask only then
  }
  window.addEventListener('beforeunload', askBeforeClosing)
  onScopeDispose(() => window.removeEventListener('beforeunload', askBeforeClosing))
  return sayLeft
}

/** Send lines; the problem when it was not done, and what the server says of each line. */
async function send(lines: readonly Line[], campaign_id: string) {
  const { moves, lineOf } = movesOf(lines, campaign_id)
  try {
    await api.POST('/api/stock/moves', { body: { moves } })
    return { fault: null, refused: new Map<number, string>() }
  } catch (error) {
    const fault = asProblem(error)
    return { fault, refused: faultsOf(fault.faults, lineOf) }
  }
}

/** An outlet's lines as this browser keeps them, under the key of the outlet that is shown. */
function keptLines(key: Ref<string>) {
  const lines = ref<Line[]>([])
  const uncertain = ref(false)
  /** Lines of an earlier visit that were found when the list was opened. */
  const found = ref(0)
  const isKept = ref(true)
  function open(): void {
    const draft = readDraft(key.value)
    lines.value = draft.lines
    uncertain.value = draft.uncertain
    found.value = lines.value.length
  }
  function keep(): void {
    isKept.value = keepDraft(key.value, { lines: lines.value, uncertain: uncertain.value })
  }
  return { lines, uncertain, found, isKept, open, keep }
}

/** `recorded` is awaited after every answer: what the outlet has may be different now. */
export function useHandOverList(outlet: ComputedRef<string | undefined>, recorded: () => Promise<unknown>) {
  const t = translator(DESK)
  const account = session.profile!.subject_id
  const campaign_id = campaign.value!.campaign_id
  const key = computed(() => (outlet.value ? keyOf({ account, campaign: campaign_id, outlet: outlet.value }) : ''))
  const { lines, uncertain, found, isKept, open, keep } = keptLines(key)
  const refused = ref(new Map<number, string>())
  const problem = ref<Problem | null>(null)
  const sending = ref(false)
  function say(fault: Problem | null, why = new Map<number, string>()): void {
    problem.value = fault
    refused.value = why
  }
  watch(key, () => (open(), say(null)), { immediate: true })

  function add(line: Line): void {
    lines.value.push(line)
    keep()
  }
  function remove(index: number): void {
    lines.value.splice(index, 1)
    say(null)
    keep()
  }
  async function record(): Promise<void> {
    say(null)
    const [sent, place] = [[...lines.value], key.value]
    sending.value = true
    // On this machine before it leaves it: a page that is closed now does not know what became of the lines.
    uncertain.value = true
    keep()
    const { fault, refused: why } = await send(sent, campaign_id)
    if (!fault) notify(t('submitted', { n: sent.length }))
    // Another outlet may have been chosen meanwhile: the answer belongs to the list that was sent.
    const isHere = place === key.value
    const now = isHere ? lines.value : readDraft(place).lines
    const draft = { lines: fault ? [...now] : without(now, sent), uncertain: !!fault?.isUncertain }
    const wasKept = keepDraft(place, draft)
    if (isHere) {
      lines.value = draft.lines
      uncertain.value = draft.uncertain
      isKept.value = wasKept
      say(fault, why)
      found.value = 0
    } else if (fault) notify(t('not_submitted', { n: sent.length }), 'problem')
    sending.value = false
    await recorded()
  }

  const sayLeft = sayWhatIsLeft(lines, isKept, account)
  /** The same list in another tab: recorded there, it is done here too. */
  const follow = (event: StorageEvent) => event.key === key.value && !sending.value && (open(), say(null))
  window.addEventListener('storage', follow)
  onScopeDispose(() => window.removeEventListener('storage', follow))

  return { lines, uncertain, found, refused, problem, sending, add, remove, record, sayLeft }
}
