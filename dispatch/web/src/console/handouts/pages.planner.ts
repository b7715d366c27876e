import type { Page } from '../pages'
import { HANDOUTS } from './messages.planner'

export const PAGES: readonly Page[] = [
  {
    path: '/handouts',
    name: 'read_handouts',
    title: HANDOUTS.page,
    roles: ['planner'],
    group: 'distribution',
    order: 50,
    component: () => import('./HandoutRows.vue'),
  },
  {
    path: '/refused',
    name: 'read_refused',
    title: HANDOUTS.refused_page,
    roles: ['planner', 'firm_manager', 'outlet_manager'],
    group: 'distribution',
    order: 60,
    city: true,
    component: () => import('./RefusedRecords.vue'),
  },
]
