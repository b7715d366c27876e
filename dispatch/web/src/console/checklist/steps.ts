// Where each step of the checklist is done, and how it is read.
import { answer, api, type Schemas } from '@/api'
import type { Request } from '@/ui/load'

export type Step = Schemas['ChecklistStep']
export type StepKey = Step['key']

export const PLACES: Readonly<Record<StepKey, string>> = {
  zones: '/imports',
  districts: '/zones?districts=1',
  households: '/imports?table=households',
  incidents: '/imports?table=incidents',
  partners: '/partners',
  accounts: '/users',
  depots: '/partners?tab=depots',
  campaign: '/campaigns',
  materials: '/materials',
  print_runs: '/materials',
  invitations: '/invitations',
  plan: '/plans',
}

export const readChecklist = (request: Request) => answer(api.GET('/api/checklist', request))
