import type { Page } from '../pages'
import { TAKING_PART } from './messages.firm'

export const PAGES: readonly Page[] = [
  {
    path: '/capacity',
    name: 'declare_capacity',
    title: TAKING_PART.page,
    roles: ['firm_manager', 'outlet_manager'],
    group: 'campaign',
    order: 10,
    component: () => import('./TakingPart.vue'),
  },
]
