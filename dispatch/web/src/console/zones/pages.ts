// The ground: what the city's zones are, and bringing them in.
import type { Page } from '../pages'
import { ZONES } from './messages'

export const PAGES: readonly Page[] = [
  {
    path: '/zones',
    name: 'zones',
    title: ZONES.zones_page,
    roles: ['planner'],
    group: 'ground',
    order: 1,
    noCampaign: true,
    component: () => import('./ZonesPage.vue'),
  },
  {
    path: '/imports',
    name: 'imports',
    title: ZONES.import_page,
    roles: ['planner'],
    group: 'ground',
    order: 2,
    city: true,
    noCampaign: true,
    component: () => import('./ImportPage.vue'),
  },
  {
    path: '/city-contact',
    name: 'city_contact',
    title: ZONES.contact_page,
    roles: ['planner'],
    group: 'system',
    order: 3,
    city: true,
    noCampaign: true,
    component: () => import('./CityContact.vue'),
  },
]
