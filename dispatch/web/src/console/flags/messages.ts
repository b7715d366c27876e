// Texts of review flags: questions about a rider's week, the answers, what two planners make of them.
export const FLAGS = {
  page: ['复核提问', 'Review questions'],
  page_note: ['记录里有看不懂的地方，就先问一问。', 'Where the records are hard to understand, ask.'],
  tone: [
    '这里是提问，不是结论。多数情况有平常的原因：事后补记、帮忙换片区、手机时钟不准、忘了登记领取。系统不会因此自动做任何事；两位民警看过并得出相同意见，才算了结。',
    'These are questions, not findings. Most have an ordinary reason: noted later, helping out in another zone, a ' +
      "phone's clock, an unrecorded hand-over. Nothing follows automatically; a question is settled when two " +
      'planners come to the same view.',
  ],
  week: ['周', 'Week'],
  all_weeks: ['全部周', 'All weeks'],
  week_of: ['{from}—{to}', '{from}–{to}'],
  show: ['显示', 'Show'],
  show_waiting: ['待了结', 'To be settled'],
  show_decided: ['已了结', 'Settled'],
  show_withdrawn: ['已撤回', 'Withdrawn'],
  none: ['没有待了结的提问', 'No question is waiting'],
  none_match: ['没有符合条件的提问', 'No question matches'],
  none_text: ['一周结束后，可在上方选择该周查看记录。', 'When a week is over, its records can be reviewed above.'],
  raise: ['查看一周的记录', 'Look at a week'],
  raise_text: [
    '选择已结束的一周。系统对照领取、片区和时间，把说不通的地方列成提问，每周最多 20 条；重复查看不会重复提问。',
    'Choose a week that is over. The records are compared with hand-overs, zones and times, and what does not fit ' +
      'becomes a question, at most 20 a week. Reviewing a week again repeats no question.',
  ],
  raise_week: ['周（从周一算起）', 'Week, from its Monday'],
  raise_none: ['还没有结束的一周', 'No week is over yet'],
  raise_do: ['查看', 'Look'],
  raised_done: [
    '{riders} 位骑手有记录：新提问 {raised} 条，更新 {changed} 条，撤回 {withdrawn} 条',
    '{riders} riders have records: {raised} new {raised|question|questions}, {changed} brought up to date, ' +
      '{withdrawn} withdrawn',
  ],
  rider_of: ['骑手 {code}', 'Rider {code}'],
  at: ['网点 {outlet}', 'outlet {outlet}'],
  in_zone: ['片区 {zone}', 'zone {zone}'],
  score: ['提问顺序值 {n}', 'Order {n}'],
  score_note: ['只用来排先后，不作结论', 'It orders the questions and decides nothing'],
  status_open: ['待回答', 'waits for an answer'],
  status_answered: ['已回答', 'answered'],
  status_decided: ['已了结', 'settled'],
  status_withdrawn: ['已撤回', 'withdrawn'],
  withdrawn_text: ['后来的记录已经说明，提问自动撤回。', 'Later records explained it; the question was withdrawn.'],
  what: ['记录显示', 'What the records show'],
  answers: ['本人和网点的说明', 'Answers of the rider and the outlet'],
  rider_says: ['骑手', 'Rider'],
  outlet_says: ['网点', 'Outlet'],
  no_answer: ['还没有说明。', 'No answer yet.'],
  opinions: ['民警意见', 'Views of planners'],
  no_opinions: ['还没有意见；需要两位民警得出相同意见。', 'None yet; two planners have to come to the same view.'],
  one_more: ['还需要另一位民警得出相同意见。', 'Another planner has to come to the same view.'],
  decision: ['意见', 'View'],
  decision_explained: ['说得通，照常计入', 'Explained: counts as it is'],
  decision_dismissed: ['提问不成立，照常计入', 'No question after all: counts as it is'],
  decision_reduced_weight: ['估计时降低权重', 'Weighs less in the estimate'],
  decision_explained_note: ['有说明，记录不变。', 'There is an explanation; the records stay as they are.'],
  decision_dismissed_note: ['数据本身的原因，与本人无关。', 'A matter of the data, not of the person.'],
  decision_reduced_weight_note: [
    '发放份数和台账不变，只是推算触达时少算这一周的部分份数。对骑手本人没有任何影响。',
    "Copies and ledger stay; only the estimated reach counts part of that week's copies. It has no effect on the " +
      'rider.',
  ],
  reason_of_view: ['理由', 'Reason'],
  reason_short: ['请写明理由，至少两个字', 'Say why, at least two characters'],
  give: ['提交意见', 'Give this view'],
  given_done: ['已提交；等另一位民警', 'Given; waits for a second planner'],
  settled_done: ['两位民警意见一致，已了结', 'Two planners agree; it is settled'],
  settled_as: ['{decision}（{time}）', '{decision} ({time})'],
  your_turn: ['我的意见', 'My view'],
  // the reasons, worded from their facts
  'beyond-held': [
    '本周确认的 {copies_confirmed} 份中，有 {copies_beyond} 份没有对应的领用记录，至今尚未入账。',
    'Of {copies_confirmed} copies confirmed this week, {copies_beyond} have no recorded hand-over and are not ' +
      'counted yet.',
  ],
  'clock-ahead': [
    '{confirmations} 次确认中，有 {confirmations_ahead} 次的时间晚于到达服务器的时间，手机时钟可能偏快。',
    'Of {confirmations} confirmations, {confirmations_ahead} lie after the moment they reached the server; the ' +
      "phone's clock may be ahead.",
  ],
  'many-cells-in-one-minute': [
    '有 {minutes} 个一分钟内，{confirmations} 次确认中有来自三个以上不同网格的，最多 {most_cells} 个；可能是事后一起补记。',
    'In {minutes} {minutes|minute|minutes} of {confirmations} confirmations they came from three cells or more, at ' +
      'most {most_cells}; they may have been noted together later.',
  ],
  'fast-between-cells': [
    '相邻两次确认共 {steps} 组，有 {fast_steps} 组扣除定位误差后仍超过每小时 60 公里，最快一组 {minutes} 分钟相距 {kilometres} 公里。',
    'Of {steps} steps between confirmations, {fast_steps} were faster than 60 km/h even with the uncertainty of ' +
      'the places; the fastest covers {kilometres} km in {minutes} min.',
  ],
  'outside-usual-zones': [
    '{day}的 {confirmations} 次确认中，有 {outside} 次不在所属网点申报或领取的片区。',
    'On {day}, {outside} of {confirmations} confirmations were outside the zones the outlet declared or collected for.',
  ],
  'one-cell-evenly': [
    '有 {days} 天的确认都在同一网格，间隔均匀，约每 {minutes_apart} 分钟一次；可能是在固定点位发放。',
    'On {days} {days|day|days} all confirmations were in one cell at even intervals of about {minutes_apart} min; ' +
      'it may have been a fixed stall.',
  ],
  'round-numbers': [
    '三份及以上的 {confirmations} 次确认中，有 {round_numbers} 次的份数是 5 的倍数。',
    'Of {confirmations} confirmations of three copies or more, {round_numbers} are multiples of five.',
  ],
} as const
