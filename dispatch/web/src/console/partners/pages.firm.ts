import type { Page } from '../pages'
import { FIRM } from './messages.firm'

export const PAGES: readonly Page[] = [
  {
    path: '/desk',
    name: 'read_outlets_progress',
    title: FIRM.desk_page,
    roles: ['firm_manager', 'outlet_manager'],
    group: 'overview',
    order: 1,
    home: true,
    component: () => import('./OwnProgress.vue'),
  },
  {
    path: '/riders',
    name: 'read_riders_own',
    title: FIRM.riders_page,
    roles: ['firm_manager', 'outlet_manager'],
    group: 'distribution',
    order: 60,
    noCampaign: true,
    component: () => import('./RidersPage.vue'),
  },
]
