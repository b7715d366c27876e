// The planner's page of partners.
import type { Page } from '../pages'
import { PARTNERS } from './messages.planner'

export const PAGES: readonly Page[] = [
  {
    path: '/partners',
    name: 'partners',
    title: PARTNERS.partners_page,
    roles: ['planner', 'auditor'],
    group: 'ground',
    order: 3,
    noCampaign: true,
    component: () => import('./PartnersPage.vue'),
  },
]
