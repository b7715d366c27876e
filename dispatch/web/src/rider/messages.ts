// Texts of the rider's page: warm, short, for a volunteer.
export const RIDER = {
  hello: ['您好', 'Hello'],
  outlet_code: ['网点编号', 'Outlet code'],
  pin: ['六位 PIN（见领取单）', 'PIN, six digits from your slip'],
  enter: ['进入', 'Enter'],
  own_day: ['今天已发', 'Handed out today'],
  holdings: ['手里还有', 'You have'],
  no_holdings: ['网点还没有把资料交给您。', 'Your outlet has handed you no copies yet.'],
  held: ['{material} {n} 份', '{material}: {n} {n|copy|copies}'],
} as const
