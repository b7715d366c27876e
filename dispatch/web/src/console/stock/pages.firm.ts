import type { Page } from '../pages'
import { DESK } from './messages.firm'

export const PAGES: readonly Page[] = [
  {
    path: '/claims',
    name: 'read_claims',
    title: DESK.claims_page,
    roles: ['planner', 'firm_manager', 'outlet_manager'],
    group: 'distribution',
    order: 20,
    component: () => import('./ClaimsWaybills.vue'),
  },
  {
    path: '/hand-over',
    name: 'record_stock_moves',
    title: DESK.stock_page,
    roles: ['firm_manager', 'outlet_manager'],
    group: 'distribution',
    order: 30,
    component: () => import('./HandOver.vue'),
  },
  {
    path: '/waybills/:waybill_id/sheet',
    name: 'read_waybill_sheet',
    title: DESK.print_sheet,
    roles: ['planner', 'auditor', 'firm_manager', 'outlet_manager'],
    bare: true,
    component: () => import('./WaybillSheet.vue'),
  },
]
