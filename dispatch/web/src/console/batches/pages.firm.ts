import type { Page } from '../pages'
import { OFFERS } from './messages.firm'

export const PAGES: readonly Page[] = [
  {
    path: '/offers',
    name: 'read_batches_offered',
    title: OFFERS.page,
    roles: ['firm_manager', 'outlet_manager'],
    group: 'distribution',
    order: 10,
    component: () => import('./OfferedBatches.vue'),
  },
]
