import { describe, expect, it } from 'vitest'
import { batchCount, blankForm, byZone, faultsOf, gainOf, gapText, requestOf, safeFloor, type Line } from './plan'

const line = (zone_code: string, copies: number, more: Partial<Line> = {}): Line => ({
  zone_code,
  zone_name: zone_code,
  partner_code: null,
  partner_name: null,
  households: 1000,
  risk_weight: 2,
  committed_copies: 0,
  handed_out_copies: 0,
  promised_copies: 0,
  withdrawn_copies: 0,
  copies,
  proposed_copies: copies,
  change_reason: null,
  expected_reach_before: 0,
  expected_reach_committed: 0.1,
  expected_reach_after: 0.3,
  ...more,
})

describe('the form of a plan', () => {
  const filled = { ...blankForm(), material: 'HB', copies: '12,000' }
  it('is sent as typed, with groups that weigh nothing extra left out', () => {
    const sent = requestOf({ ...filled, floor: '12.5', groups: { elderly: '2', students: '1' } }, 'id')
    expect([sent.copies, sent.floor, sent.genuine_share, sent.weights!.by_group]).toEqual([
      12000,
      0.125,
      0.95,
      { elderly: 2 },
    ])
  })
  it('carries the zones chosen, and whether promises count', () => {
    const sent = requestOf({ ...filled, zones: ['Z1', 'Z2'], ignore_promises: true }, 'id')
    expect([sent.zone_codes, sent.ignore_promises]).toEqual([['Z1', 'Z2'], true])
  })
  it('assigns partners only within capacity', () => {
    expect(requestOf({ ...filled, within_capacity: false, assign_partners: true }, 'id').assign_partners).toBe(false)
  })
  it.each([
    [{ copies: '1.5' }, 'copies'],
    [{ copies: '' }, 'copies'],
    [{ floor: '100' }, 'floor'],
    [{ material: '' }, 'material'],
    [{ months: '0' }, 'months'],
  ])('%j is no plan', (more, field) => {
    expect(Object.keys(faultsOf({ ...filled, ...more }))).toEqual([field])
  })
})

it('counts a zone once, however many partners share its copies', () => {
  const lines = [line('A', 100, { partner_code: 'P' }), line('A', 50, { partner_code: 'Q' }), line('B', 10)]
  expect(byZone(lines).map((zone) => [zone.code, zone.copies])).toEqual([
    ['A', 150],
    ['B', 10],
  ])
  expect(gainOf(lines)).toBeCloseTo(2 * (2 * 1000 * 0.2), 9)
})

it('counts no gain where there are no households', () => {
  expect(
    gainOf([line('A', 10, { households: null, expected_reach_committed: null, expected_reach_after: null })]),
  ).toBe(0)
})

it('computes how many batches an approval makes', () =>
  expect(batchCount([line('A', 4500), line('B', 0), line('C', 2000)], 2000)).toBe(4))
it('writes a gap as a power of ten', () => expect([gapText(0), gapText(1.2e-12)]).toEqual(['0', '1e-12']))
it('never offers a floor that cannot be kept', () =>
  expect([safeFloor(0.30529), safeFloor(0.1), safeFloor(0.0999)]).toEqual(['30.5', '9.9', '9.9']))
