// Texts of "how many copies for this target".
export const SIZING = {
  title: ['要多少份才够', 'How many copies it takes'],
  target: ['目标触达（%）', 'Target reach (%)'],
  price: ['单价（元/份）', 'Price of a copy (yuan)'],
  needed: ['每个片区都到 {target}，还需约 {n} 份', 'To bring every zone to {target} takes about {n} further copies'],
  nothing_needed: ['已有的就够：每个片区预计都到 {target}', 'Nothing further: every zone is expected at {target}'],
  nothing_if_promised: [
    '已分未发的 {n} 份都发出去，每个片区就能到 {target}；信不过就勾选“不算已分未发的份数”，看还缺多少',
    'Once the {n} promised copies are handed out every zone is expected at {target}; leave them out of account to ' +
      'see what is lacking without them',
  ],
  from_to: ['（95 % 区间 {low}–{high} 份）', '(95 % interval {low}–{high})'],
  at_least: [
    '（至少 {low} 份；往坏处估，发再多也到不了）',
    '(at least {low}; at the cautious end no number is enough)',
  ],
  obstacle_no_households: ['这些片区都没有户数，算不出来。', 'None of these zones has households: no answer.'],
  obstacle_not_counted: ['这种资料不计入触达，算不出来。', 'This material does not count for reach: no answer.'],
  obstacle_everybody: [
    '发再多也到不了 {target}：总有人一份也碰不上。请降低目标。',
    'No number of copies reaches {target}: some households never meet one. Lower the target.',
  ],
  obstacle_too_many: [
    '到 {target} 要超过 5,000 万份，等于到不了。请降低目标。',
    '{target} would take more than 50 million copies, so it is out of reach. Lower the target.',
  ],
  asked: ['再发 {n} 份：约 {reach}（{low}–{high}）', '{n} further copies: about {reach} ({low}–{high})'],
  short_print: [
    '已印已订的只剩 {left} 份可分，要再印 {n} 份。',
    'Only {left} are left of what is printed or ordered; {n} more must be printed.',
  ],
  short_capacity: [
    '各单位在这些片区剩余的承接能力只有 {capacity} 份。',
    'Partners can hand out only {capacity} more in these zones.',
  ],
  curve: ['份数与触达的关系', 'Copies and reach'],
  curve_note: [
    '横轴：再发的份数；纵轴：预计触达（阴影为 95 % 区间）；虚线为目标。越往后，每多一份触达的新户越少。',
    'Across: further copies; up: expected reach with its 95 % interval; dashed: the target. The further, the fewer ' +
      'new households a copy reaches.',
  ],
  why: ['怎么算的', 'How this is computed'],
  reasoning: [
    '这些片区共 {households} 户，已发放 {handed_out} 份，另有 {promised} 份已分未发。常下单的人会拿到好几份，所以份数要多于户数；新增的份数先给触达最低的片区。' +
      '用的是与总览同一条触达曲线，是模型估计，不是实际结果。',
    'These zones have {households} households; {handed_out} copies were handed out and {promised} more are promised. ' +
      'Those who order often get several, so it takes more copies than households; further copies go first where the ' +
      'least is reached. It is the same curve as on the overview: a model estimate, not a field result.',
  ],
  copies: ['再发份数', 'Further copies'],
  reach: ['预计触达', 'Expected reach'],
  reach_of: ['约 {reach}（{low}–{high}）', 'about {reach} ({low}–{high})'],
  cost: ['费用', 'Cost'],
  zones: ['各片区：已发、已分未发、还缺', 'By zone: handed out, promised, lacking'],
  zone: ['片区', 'Zone'],
  handed_out: ['已发放', 'Handed out'],
  promised: ['已分未发', 'Promised'],
  reach_now: ['实发触达', 'Reach by those'],
  lacking: ['还缺（份）', 'Lacking'],
  use: ['按 {n} 份填入', 'Use {n}'],
} as const
