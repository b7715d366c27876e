import { expect, it } from 'vitest'
import { copiesOf, faultsOf, movesOf, type Line } from './handOver'

const line = (more: Partial<Line>): Line => ({
  bundlesId: 'b',
  looseId: 'l',
  mode: 'give',
  material: 'M1',
  from: { kind: 'outlet', code: 'O1' },
  to: { kind: 'rider', code: 'R1' },
  bundles: [],
  loose: 0,
  reason: '',
  ...more,
})
const bundle = { code: 'HB-0001-01', carton_code: 'HB-0001', copies: 50 }

it('sends bundles and loose copies of a line as two moves under the ids made with it', () => {
  const lines = [line({ bundles: [bundle], loose: 7 }), line({ mode: 'lost', to: null, loose: 3, reason: 'wet' })]
  const { moves, lineOf } = movesOf(lines, 'C')
  expect(moves.map((each) => [each.move_id, each.kind, each.copies, each.bundle_codes])).toEqual([
    ['b', 'transfer', 50, ['HB-0001-01']],
    ['l', 'transfer', 7, []],
    ['l', 'write_off', 3, []],
  ])
  expect(lineOf).toEqual([0, 0, 1])
  expect(copiesOf(lines[0]!)).toBe(57)
})

it('finds the line a refusal points at', () => {
  const faults = [
    { pointer: '/moves/1/copies', detail: 'too many' },
    { pointer: '/moves/2/reason', detail: 'say why' },
    { pointer: '/other', detail: '' },
  ]
  expect([...faultsOf(faults, [0, 0, 1])]).toEqual([
    [0, 'too many'],
    [1, 'say why'],
  ])
})
