import type { Page } from '../pages'
import { CHECKS } from './messages'

export const PAGES: readonly Page[] = [
  {
    path: '/spot-checks',
    name: 'read_spot_checks',
    title: CHECKS.page,
    roles: ['planner', 'auditor'],
    group: 'review',
    order: 20,
    component: () => import('./SpotChecks.vue'),
  },
  {
    path: '/spot-checks/:spot_check_id',
    name: 'read_spot_check',
    title: CHECKS.one,
    roles: ['planner', 'auditor'],
    component: () => import('./SpotCheckPage.vue'),
  },
  {
    path: '/spot-checks/:spot_check_id/sheet',
    name: 'spot_check_sheet',
    title: CHECKS.sheet,
    roles: ['planner', 'auditor'],
    bare: true,
    component: () => import('./SpotCheckSheet.vue'),
  },
]
