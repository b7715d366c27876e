import type { Page } from '../pages'
import { BUNDLES } from './messages'

export const PAGES: readonly Page[] = [
  {
    path: '/bundles',
    name: 'read_bundle',
    title: BUNDLES.page,
    roles: ['planner', 'auditor', 'firm_manager', 'outlet_manager'],
    group: 'distribution',
    order: 70,
    component: () => import('./BundleWay.vue'),
  },
  {
    path: '/print-runs/:print_run_id/labels',
    name: 'read_labels',
    title: BUNDLES.labels_page,
    roles: ['planner'],
    city: true,
    bare: true,
    component: () => import('./BundleLabels.vue'),
  },
]
