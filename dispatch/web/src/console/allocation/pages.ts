// Plans: the list, making one, and one with its lines.
import type { Page } from '../pages'
import { ALLOCATION } from './messages'

export const PAGES: readonly Page[] = [
  {
    path: '/plans',
    name: 'allocations',
    title: ALLOCATION.plans_page,
    roles: ['planner'],
    group: 'campaign',
    order: 4,
    city: true,
    component: () => import('./PlansPage.vue'),
  },
  {
    path: '/plans/new',
    name: 'create_allocation',
    title: ALLOCATION.new_plan,
    roles: ['planner'],
    city: true,
    component: () => import('./NewPlanPage.vue'),
  },
  {
    path: '/plans/:id',
    name: 'allocation',
    title: ALLOCATION.plans_page,
    roles: ['planner'],
    city: true,
    component: () => import('./PlanPage.vue'),
  },
]
