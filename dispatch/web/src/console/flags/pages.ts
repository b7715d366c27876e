import type { Page } from '../pages'
import { FLAGS } from './messages'

export const PAGES: readonly Page[] = [
  {
    path: '/review-flags',
    name: 'read_flags',
    title: FLAGS.page,
    roles: ['planner'],
    group: 'review',
    order: 30,
    component: () => import('./ReviewFlags.vue'),
  },
]
