import type { Page } from '../pages'
import { REPORT } from './messages.firm'

export const PAGES: readonly Page[] = [
  {
    path: '/report',
    name: 'report_handouts',
    title: REPORT.page,
    roles: ['firm_manager', 'outlet_manager'],
    group: 'distribution',
    order: 40,
    component: () => import('./ReportGrid.vue'),
  },
]
