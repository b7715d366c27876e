// What is printed for the campaign.
import type { Page } from '../pages'
import { MATERIALS } from './messages'

export const PAGES: readonly Page[] = [
  {
    path: '/materials',
    name: 'materials',
    title: MATERIALS.materials_page,
    roles: ['planner', 'auditor'],
    group: 'campaign',
    order: 3,
    component: () => import('./MaterialsPage.vue'),
  },
]
