import { describe, expect, it } from 'vitest'
import { countedByDay, faultsOf, reasonOf, type PermitDraft } from './permit'

const draft = (more: Partial<PermitDraft> = {}): PermitDraft => ({ reason: '核对老城区楼栋的发放点位', days: '7', understood: true, ...more })

describe('a permit is judged before it is sent', () => {
  it('takes one with a reason, days and a confirmation', () => expect(faultsOf(draft())).toEqual([]))
  it.each([
    [{ reason: '' }, ['reason']],
    [{ reason: '一 二 三 四 五 六 七 八 九' }, ['reason']],
    [{ reason: '　　　　　　　　　　　　' }, ['reason']],
    [{ days: '0' }, ['keep_days']],
    [{ days: '31' }, ['keep_days']],
    [{ days: '1.5' }, ['keep_days']],
    [{ days: '' }, ['keep_days']],
    [{ understood: false }, ['understood']],
  ] as const)('%o', (more, faults) => expect(faultsOf(draft(more as Partial<PermitDraft>))).toEqual(faults))
  it.each(['1', '30', ' 14 '])('%s days will do', (days) => expect(faultsOf(draft({ days }))).toEqual([]))
  it('counts a reason of exactly ten characters', () => expect(faultsOf(draft({ reason: '一二三四五 六七八九十' }))).toEqual([]))
  it('sends one line', () => expect(reasonOf(' 核对\n老城区\t楼栋 ')).toBe('核对 老城区 楼栋'))
})

it('counts the dots of each day, newest first', () =>
  expect(countedByDay([{ day: '2027-04-19' }, { day: '2027-04-20' }, { day: '2027-04-19' }])).toEqual([{ day: '2027-04-20', dots: 1 }, { day: '2027-04-19', dots: 2 }]))
