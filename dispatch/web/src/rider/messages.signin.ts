// Texts of signing in: who asks for the PIN, whose phone this is, and why it did not open, each reason in its own
// words.
export const SIGN_IN = {
  page_title: ['反诈资料发放', 'Handing out anti-fraud material'],
  centre_of: ['{city}反诈中心', 'Anti-fraud centre of {city}'],
  centre: ['反诈中心', 'Anti-fraud centre'],
  asks: ['主办', 'in charge'],
  at_outlet: ['{partner} · {outlet}', '{partner} · {outlet}'],
  call: ['有疑问打 {phone}', 'Questions? Call {phone}'],
  rider_code: ['骑手代码', 'Rider code'],
  rider_code_where: ['纸条上有就填，没有可以不填', 'if your slip has one'],
  city_code: ['城市代码', 'City code'],
  slip_of: ['骑手 {code}', 'Rider {code}'],
  other_slip: ['不是这张纸条', 'Another slip'],
  go_back: ['先不输，回去继续记', 'Later, back to noting'],
  back_to: ['返回', 'Back'],
  not_me: ['我不是 {name}', 'I am not {name}'],

  whose_title: ['您是 {name} 吗？', 'Are you {name}?'],
  whose_text: ['这是 {name}（{code}，{outlet}）的手机。', "This is {name}'s phone ({code}, {outlet})."],
  whose_waiting: [
    '{name} 还有 {n} 条待发记录，会留给 {name}，不会算到别人名下。',
    '{n} {n|note|notes} of {name} {n|waits|wait} here and {n|stays|stay} with {name}.',
  ],
  whose_yes: ['我是 {name}，继续', 'I am {name}, carry on'],
  whose_no: ['换人：用刚才的纸条登录', 'Somebody else: sign in with this slip'],

  fault_pin: [
    '网点代码或 PIN 不对，请对照纸条再输一次。',
    'Outlet code or PIN does not match. Please check your slip.',
  ],
  fault_pin_of_rider: [
    '这个 PIN 不是这位骑手的，请对照本人的纸条再输一次。',
    "This is not this rider's PIN. Please check your own slip.",
  ],
  fault_outlet: ['没有这个网点代码，请对照纸条检查。', 'No outlet has this code. Please check your slip.'],
  fault_codes: [
    '代码只能用字母、数字和 . _ -，请对照纸条检查。',
    'Codes hold letters, digits and . _ - only. Please check your slip.',
  ],
  fault_left: [
    'PIN 没错，但您或网点已被停用，请联系网点负责人。',
    'The PIN is right, but you or your outlet are deactivated. Please ask the outlet manager.',
  ],
  fault_locked: [
    '输错太多次，{time} 之前不能再试。着急就请网点换一张纸条，换好马上能用。',
    'Too many wrong tries: locked until {time}. A new slip from your outlet works at once.',
  ],
  fault_many: [
    '输错太多次，请过一会儿再试；着急就请网点换一张纸条。',
    'Too many wrong tries. Please wait a while, or ask your outlet for a new slip.',
  ],
  fault_busy_address: [
    '这里登录的人太多，请 {n} 秒后再试。您的 PIN 没有问题。',
    'Too many sign-ins from here at once. Try again in {n} {n|second|seconds}; your PIN is fine.',
  ],
  fault_offline: [
    '现在没有网络。登录要联网，之后没有信号也能用。',
    'There is no network now. Signing in needs it; after that you can work without signal.',
  ],
  fault_server: [
    '服务器暂时用不了，不是 PIN 的问题。请过一会儿再试。',
    'The server is not available right now. Your PIN is not the problem; please try again shortly.',
  ],
  fault_silent: [
    '服务器没有回应，可能信号太弱。请再试一次。',
    'The server does not answer; the signal may be weak. Please try again.',
  ],
  fault_role: ['这个账号不是骑手账号，请从首页进入。', "This is not a rider's account; please use the start page."],
  fault_other: ['没有办成，请再试一次；仍不行请告诉网点。', 'It did not work. Please try again, or tell your outlet.'],
} as const
