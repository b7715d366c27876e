import { describe, expect, it } from 'vitest'
import { campaignOf, draftOf, evenWaves, faultsOf, zoneCodes, type CampaignDraft } from './draft'

const wave = (starts_on: string, ends_on: string, share: string) => ({
  name: 'W',
  starts_on,
  ends_on,
  share,
  zones: '',
})
const draft = (more: Partial<CampaignDraft> = {}): CampaignDraft => ({
  code: 'BR-2027',
  name: 'Spring',
  starts_on: '2027-03-15',
  ends_on: '2027-06-22',
  target: '45',
  retention: '90',
  idle: '0',
  waves: [wave('2027-03-15', '2027-03-28', '10'), wave('2027-03-29', '2027-06-22', '100')],
  ...more,
})

describe('a campaign is judged while it is typed', () => {
  it('takes one that makes sense', () => expect(faultsOf(draft())).toEqual({}))
  it.each([
    [{ code: 'a b' }, { code: 'code' }],
    [{ ends_on: '2027-03-01', waves: [] }, { ends_on: 'dates' }],
    [{ ends_on: '2029-06-01', waves: [] }, { ends_on: 'dates' }],
    [{ target: '0' }, { target: 'target' }],
    [{ target: '' }, { target: 'target' }],
    [{ retention: '1.5' }, { retention: 'retention' }],
    [{ idle: '' }, { idle: 'idle' }],
    [{ idle: '721' }, { idle: 'idle' }],
    [{ idle: '12' }, {}],
    [{ waves: [wave('2027-03-20', '2027-03-19', '100')] }, { 'waves.0.ends_on': 'wave_dates' }],
    [{ waves: [wave('2027-03-01', '2027-03-19', '100')] }, { 'waves.0.starts_on': 'wave_inside' }],
    [
      { waves: [wave('2027-03-15', '2027-03-28', '10'), wave('2027-03-28', '2027-06-22', '100')] },
      { 'waves.1.starts_on': 'wave_order' },
    ],
    [
      { waves: [wave('2027-03-15', '2027-03-28', '60'), wave('2027-03-29', '2027-06-22', '40')] },
      { 'waves.1.share': 'wave_share' },
    ],
    [{ waves: [wave('2027-03-15', '2027-03-28', '60')] }, { 'waves.0.share': 'last_share' }],
  ] as [Partial<CampaignDraft>, object][])('%j', (more, faults) => expect(faultsOf(draft(more))).toEqual(faults))
})

it('sends shares as typed and comes back as it was', () => {
  const sent = campaignOf(draft({ target: '4.5' }), 'id')
  expect(sent.target_reach).toBe(0.045)
  expect(sent.waves!.map((each) => each.planned_share)).toEqual([0.1, 1])
  // The server answers with more; a draft is made of what was sent.
  expect(draftOf(sent as never)).toEqual(draft({ target: '4.5' }))
})

it('divides the days into waves of whole weeks that end with the campaign', () => {
  const waves = evenWaves('2027-03-16', '2027-06-22', 4, (n) => `W${n}`)
  expect(faultsOf(draft({ starts_on: '2027-03-16', waves }))).toEqual({})
  expect([waves[0]!.starts_on, waves[3]!.ends_on]).toEqual(['2027-03-16', '2027-06-22'])
  expect(evenWaves('2027-03-15', '2027-03-20', 4, String)).toHaveLength(1)
})

it('reads zone codes however they are separated, each once', () => {
  expect(zoneCodes('990101000\uff0c990101001 990101000\n990101002')).toEqual(['990101000', '990101001', '990101002'])
})
