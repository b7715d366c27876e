import type { Page } from '../pages'
import { AUDIT } from './messages'

export const PAGES: readonly Page[] = [
  {
    path: '/audit',
    name: 'read_audit',
    title: AUDIT.page,
    roles: ['auditor'],
    city: true,
    group: 'system',
    order: 10,
    home: true,
    noCampaign: true,
    component: () => import('./AuditTrail.vue'),
  },
]
