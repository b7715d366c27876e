import type { Page } from '../pages'
import { LEDGER } from './messages.ledger'

export const PAGES: readonly Page[] = [
  {
    path: '/ledger',
    name: 'read_balance_law',
    title: LEDGER.page,
    roles: ['planner', 'auditor'],
    group: 'review',
    order: 10,
    component: () => import('./StockLedger.vue'),
  },
]
