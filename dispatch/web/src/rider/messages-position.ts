// The page on precise positions; loaded with it. The words of the question itself come from the server.
export const POSITION = {
  reason: ['为什么需要', 'Why it is needed'],
  days: ['每个位置保存 {n} 天，到期自动删除', 'Each position is kept for {n} {n|day|days}, then erased by itself'],
  agree: ['同意', 'I agree'],
  decline: ['不同意', 'I do not agree'],
  withdraw: ['撤回同意', 'Withdraw'],
  later: ['以后再说', 'Not now'],
  state_unanswered: ['您还没有选择', 'You have not answered yet'],
  state_declined: ['您没有同意。照常参加，只用片区或地图格', 'You have not agreed. You take part as before, with the zone or the map cell'],
  state_agreed: ['您已同意。可以随时撤回', 'You have agreed. You can withdraw at any time'],
  to_be_told: ['在这部手机上已经生效，有信号时告诉服务器并删除已保存的位置', 'It counts on this phone already; the server is told, and erases what it kept, when there is signal'],
  kept: ['现在保存着您的 {n} 个位置', '{n} of your positions {n|is|are} kept now'],
  needs_location: ['您没有开启“用手机位置找格子”，所以现在不会发出位置。', 'You have not turned on “Use the phone\'s location”, so no position is sent now.'],
  nothing: ['现在没有行动要问您这件事。', 'No campaign asks you for this now.'],
} as const
