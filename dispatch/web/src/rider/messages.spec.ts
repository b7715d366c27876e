import { expect, it } from 'vitest'
import { RIDER } from './messages'

it('speaks to volunteers: none of the words of supervision', () => {
  const faults = Object.entries(RIDER).filter(
    ([, [chinese, english]]) =>
      /监控|追踪|考核|打卡|用户|轨迹|违规|处罚/.test(chinese) || /\b(track|monitor|check-in|score|user)/i.test(english),
  )
  expect(faults).toEqual([])
})
