import type { Page } from '../pages'
import { QUESTIONS } from './messages.firm'

export const PAGES: readonly Page[] = [
  {
    path: '/questions',
    name: 'answer_flag',
    title: QUESTIONS.page,
    roles: ['firm_manager', 'outlet_manager'],
    group: 'review',
    order: 10,
    component: () => import('./OutletQuestions.vue'),
  },
]
