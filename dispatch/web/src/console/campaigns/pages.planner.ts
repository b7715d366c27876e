// The planner's pages of campaigns, and of who takes part.
import type { Page } from '../pages'
import { LETTERS } from './messages.letters'
import { CAMPAIGNS } from './messages.planner'

export const PAGES: readonly Page[] = [
  {
    path: '/campaigns',
    name: 'campaigns',
    title: CAMPAIGNS.campaigns_page,
    roles: ['planner', 'auditor'],
    group: 'campaign',
    order: 1,
    noCampaign: true,
    component: () => import('./CampaignsPage.vue'),
  },
  {
    path: '/campaigns/new',
    name: 'create_campaign',
    title: CAMPAIGNS.new_campaign,
    roles: ['planner'],
    city: true,
    noCampaign: true,
    component: () => import('./CampaignForm.vue'),
  },
  {
    path: '/campaigns/:id/edit',
    name: 'change_campaign',
    title: CAMPAIGNS.edit_campaign,
    roles: ['planner'],
    city: true,
    noCampaign: true,
    component: () => import('./CampaignForm.vue'),
  },
  {
    path: '/invitations',
    name: 'invitations',
    title: CAMPAIGNS.invitations_page,
    roles: ['planner', 'auditor'],
    group: 'campaign',
    order: 2,
    component: () => import('./InvitationsPage.vue'),
  },
  {
    path: '/invitations/letters',
    name: 'invitation_letters',
    title: LETTERS.letters_page,
    roles: ['planner'],
    city: true,
    component: () => import('./InvitationLetters.vue'),
  },
]
