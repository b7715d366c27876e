// Units and patterns of numbers and times.
export const FORMATS = {
  ten_thousand: ['万', 'ten thousand'],
  hundred_million: ['亿', 'hundred million'],
  about: ['约 {n}', 'about {n}'],
  less_than: ['不足 {n} %', '<{n} %'],
  little_reach: ['不足 1 %（{low}–{high} %）', '<1 % ({low}–{high} %)'],
  reach: ['约 {median} %（{low}–{high} %）', 'about {median} % ({low}–{high} %)'],
  days: ['{n} 天', '{n} d'],
  hours: ['{n} 小时', '{n} h'],
  minutes: ['{n} 分', '{n} min'],
  seconds: ['{n} 秒', '{n} s'],
} as const
