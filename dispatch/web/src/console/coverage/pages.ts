// The planner's home, a zone's sheet, and the screen for the wall.
import type { Page } from '../pages'
import { COVERAGE } from './messages'

export const PAGES: readonly Page[] = [
  {
    path: '/overview',
    name: 'overview',
    title: COVERAGE.overview,
    roles: ['planner'],
    group: 'overview',
    order: 1,
    home: true,
    component: () => import('./OverviewPage.vue'),
  },
  {
    path: '/overview/zones/:code',
    name: 'zone_coverage',
    title: COVERAGE.zone_sheet,
    roles: ['planner'],
    component: () => import('./ZoneSheet.vue'),
  },
  {
    path: '/screen',
    name: 'screen',
    title: COVERAGE.big_screen,
    roles: ['planner'],
    group: 'overview',
    order: 2,
    bare: true,
    component: () => import('./BigScreen.vue'),
  },
]
