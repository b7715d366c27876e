// Letters of invitation on paper.
export const LETTERS = {
  letters_page: ['邀请函', 'Letters of invitation'],
  note: [
    '共 {n} 封，每家单位一页 A4。一次性密码只在这一页显示，离开后不再保留。',
    '{n} {n|letter|letters}, an A4 sheet each. One-time passwords are shown on this page only, until it is left.',
  ],
  back: ['返回邀请页', 'Back to invitations'],
  print: ['打印', 'Print'],
  none: ['没有要打印的邀请函。请在邀请页选择单位。', 'No letter to print. Choose partners on the invitations page.'],
  centre: ['{city}反诈中心', 'Anti-fraud centre of {city}'],
  title: ['邀请函', 'Invitation'],
  dear: ['{partner}：', 'To {partner}'],
  text: [
    '{centre}诚邀贵单位参加“{name}”（{from}至{to}），在日常投递和配送中把反诈宣传资料送到居民家中。是否参加由贵单位决定，不是指令。',
    '{centre} invites you to take part in “{name}” ({from} to {to}), and to bring handbooks and leaflets against ' +
      'fraud into homes on your daily rounds. It is your decision, not an order.',
  ],
  asked: ['请您这样做', 'What to do'],
  step_sign_in: ['用下面的账号登录，第一次登录时请设自己的密码。', 'Sign in as below, and choose your own password.'],
  step_answer: ['在“邀请与承接能力”页答复：接受，或不参加。', 'On “Invitation and capacity”, accept or decline.'],
  step_capacity: [
    '接受后，填写各网点每周在哪些片区能发多少份；也可以打电话告诉我们，由我们代填，您可随时更正。',
    'If you accept, enter what each outlet can hand out per zone and week; or call us: we enter it and you may ' +
      'correct it.',
  ],
  step_claim: [
    '计划批准后，认领批次，到领取点领取资料。',
    'Once the plan is approved, claim batches and collect them.',
  ],
  address: ['登录网址', 'Address'],
  city_code: ['城市代码', 'City code'],
  login: ['登录名', 'Login'],
  password: ['一次性密码', 'One-time password'],
  in_use: ['已在使用，请用自己的密码', 'in use: your own password'],
  once: [
    '密码只能用于首次登录，请妥善保管本函，不要转发照片。',
    'The password is for the first sign-in alone. Keep this letter; do not pass on a photograph of it.',
  ],
  forgot: ['忘记密码请与我们联系。', 'If you forgot it, ask us.'],
  free: [
    '发放资料不收取任何费用，也不登记居民姓名、电话；资料上没有需要居民扫描的二维码。',
    'Nothing is charged and no resident’s name or number is taken; there is no code for residents to scan.',
  ],
} as const
