// Units and patterns of numbers and times.
export const FORMATS = {
  ten_thousand: ['万', 'ten thousand'],
  hundred_million: ['亿', 'hundred million'],
  reach: ['约 {median} %（{low}–{high} %）', 'about {median} % ({low}–{high} %)'],
  days: ['{n} 天', '{n} d'],
  hours: ['{n} 小时', '{n} h'],
  minutes: ['{n} 分', '{n} min'],
  seconds: ['{n} 秒', '{n} s'],
} as const
