import type { Page } from '../pages'
import { BATCHES } from './messages.planner'

export const PAGES: readonly Page[] = [
  {
    path: '/batches',
    name: 'read_batches',
    title: BATCHES.page,
    roles: ['planner', 'auditor'],
    group: 'distribution',
    order: 10,
    component: () => import('./AllBatches.vue'),
  },
]
