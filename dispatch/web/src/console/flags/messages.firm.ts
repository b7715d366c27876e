// Texts of the review questions an outlet answers.
export const QUESTIONS = {
  page: ['复核问题', 'Questions'],
  page_note: [
    '这些记录有不寻常之处，请说明当时的情况。这只是询问，不会自动产生任何后果。',
    'Something about these records is unusual: please explain. It is only a question; nothing follows automatically.',
  ],
  page_note_firm: [
    '由网点负责人说明；这里可以看到各网点的情况。',
    'The outlet’s manager answers; you see which are answered.',
  ],
  none: ['没有需要说明的问题', 'No questions'],
  week: ['{day} 起的一周', 'week from {day}'],
  rider: ['骑手 {code}', 'Rider {code}'],
  zone: ['片区 {code}', 'Zone {code}'],
  status_open: ['待说明', 'open'],
  status_answered: ['已说明', 'answered'],
  status_decided: ['已了结', 'settled'],
  status_withdrawn: ['已撤回', 'withdrawn'],
  rider_said: ['骑手说明', 'The rider said'],
  outlet_said: ['网点说明', 'The outlet said'],
  your_answer: ['网点说明', 'The outlet’s answer'],
  answer_hint: ['例如：当天在社区门口固定摊位发放', 'For example: a stall at the gate that day'],
  send: ['提交说明', 'Send'],
  sent: ['已提交', 'Sent'],
  change: ['修改说明', 'Change'],
  decision_explained: ['情况属实，无需处理', 'explained'],
  decision_reduced_weight: ['估计时减小权重', 'weighs less in estimates'],
  decision_dismissed: ['不成立', 'dismissed'],
  fact_beyond_held: [
    '本周确认的 {all} 份中，有 {beyond} 份没有领用记录',
    '{beyond} of the {all} copies confirmed that week have no record of being issued',
  ],
  fact_clock_ahead: [
    '{all} 次确认中，有 {ahead} 次的时间晚于到达服务器的时间',
    'In {ahead} of {all} confirmations the time lay after their arrival',
  ],
  fact_many_cells_in_one_minute: [
    '有 {minutes} 个一分钟内，确认来自三个以上不同网格',
    '{minutes} {minutes|minute|minutes} with confirmations from three map cells or more',
  ],
  fact_fast_between_cells: [
    '{steps} 组相邻确认中，有 {fast} 组快于每小时 60 公里',
    '{fast} of {steps} steps between confirmations were faster than 60 km/h',
  ],
  fact_outside_usual_zones: [
    '{day} 的 {all} 次确认中，有 {outside} 次不在网点平时的片区',
    'On {day}, {outside} of {all} confirmations lay outside the outlet’s usual zones',
  ],
  fact_one_cell_evenly: [
    '有 {days} 天都在同一网格、间隔均匀',
    'On {days} {days|day|days} all came from one cell at even intervals',
  ],
  fact_round_numbers: [
    '{all} 次确认中，有 {round} 次的份数是 5 的倍数',
    '{round} of {all} confirmations were multiples of five',
  ],
} as const
