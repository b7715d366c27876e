// One's own account, the accounts of others, keys of partners' systems.
import type { Page } from '../pages'
import { IDENTITY } from './messages'

export const PAGES: readonly Page[] = [
  {
    path: '/users',
    name: 'users',
    title: IDENTITY.users,
    roles: ['planner', 'firm_manager'],
    group: 'system',
    order: 1,
    noCampaign: true,
    component: () => import('./UsersPage.vue'),
  },
  {
    path: '/api-keys',
    name: 'api_keys',
    title: IDENTITY.api_keys,
    roles: ['planner', 'firm_manager'],
    city: true,
    group: 'system',
    order: 2,
    noCampaign: true,
    component: () => import('./KeysPage.vue'),
  },
  {
    path: '/account',
    name: 'account',
    title: IDENTITY.own_account,
    roles: ['planner', 'auditor', 'firm_manager', 'outlet_manager'],
    noCampaign: true,
    component: () => import('./AccountPage.vue'),
  },
]
