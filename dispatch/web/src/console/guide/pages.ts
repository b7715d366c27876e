// How a firm's own system connects. Also for its programmers, who have no account: it holds nothing of anybody.
import type { Page } from '../pages'
import { GUIDE } from './messages'

export const PAGES: readonly Page[] = [
  {
    path: '/guide',
    name: 'guide',
    title: GUIDE.guide,
    roles: ['planner', 'firm_manager'],
    city: true,
    open: true,
    group: 'system',
    order: 3,
    noCampaign: true,
    component: () => import('./GuidePage.vue'),
  },
]
