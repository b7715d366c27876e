// What is wrong with one field or one move, where the server says it by a slug or in the words of its decoder.
export const FAULT_REASONS = {
  'not-version-7': ['页面生成的编号不可用，请刷新后重试', 'The id this page made does not work; reload and try again'],
  'unknown-material': ['本次行动没有这种宣传资料', 'The campaign has no such material'],
  'in-the-future': ['时间在将来', 'Is in the future'],
  'reason-needed': ['请说明原因', 'Say why'],
  'unknown-holder': ['没有这个编号，或不在您的范围内', 'There is no such code within your scope'],
  'no-target': ['不需要填写转入方', 'Leave the receiver empty'],
  'wrong-way': ['不能这样转移', 'Copies cannot be moved this way'],
  'same-holder': ['转出方和转入方相同', 'The copies are already there'],
  'other-firm': [
    '只能在本单位内转移；跨单位请先退回领取点',
    'Copies stay within the firm; return them to the depot first',
  ],
  'inactive-holder': ['已停用', 'Is no longer active'],
  'repeated-id': ['同一笔提交了两次', 'The same move is listed twice'],
} as const

/** An item of a list that was sent. */
export const FAULT_ITEM = ['第 {n} 项', 'item {n}'] as const

/** What the pages call the fields that requests name. */
export const FAULT_FIELDS = {
  copies: ['份数', 'Copies'],
  counted_copies: ['实有份数', 'Counted'],
  received_copies: ['实收份数', 'Received'],
  reason: ['原因', 'Reason'],
  variance_reason: ['差异原因', 'Reason of the difference'],
  from: ['转出方', 'From'],
  to: ['转入方', 'To'],
  holder: ['持有方', 'Holder'],
  code: ['代码', 'Code'],
  name: ['名称', 'Name'],
  material_code: ['宣传资料', 'Material'],
  partner_code: ['合作单位', 'Partner'],
  outlet_code: ['网点', 'Outlet'],
  rider_code: ['骑手', 'Rider'],
  depot_code: ['领取点', 'Depot'],
  zone_code: ['片区', 'Zone'],
  sample: ['计划户数', 'Households to ask'],
  clusters: ['抽查点', 'Places'],
  seed: ['随机种子', 'Seed'],
  asked: ['询问', 'Asked'],
  have: ['有资料', 'Have it'],
  read_and_remembered: ['看过并记得', 'Read and remember'],
  week_starts_on: ['周', 'Week'],
  starts_on: ['开始日期', 'First day'],
  ends_on: ['结束日期', 'Last day'],
  due_on: ['发完期限', 'Hand out by'],
  moved_at: ['发生时间', 'Happened'],
  bundle_codes: ['箱、捆编号', 'Cartons, bundles'],
  text: ['内容', 'Text'],
  login: ['账号', 'Login'],
  password: ['口令', 'Password'],
} as const

/**
 * The decoder's English, as patterns, with what it means to the person who filled in the form. "{0}" is the first
 * group.
 */
export const FAULT_PATTERNS: readonly (readonly [RegExp, readonly [string, string]])[] = [
  [/^Expected `(?:int|float)` >= (-?[\d.]+)/, ['不能小于 {0}', 'Must be at least {0}']],
  [/^Expected `(?:int|float)` <= (-?[\d.]+)/, ['不能大于 {0}', 'Must be at most {0}']],
  [/^Expected `(?:int|float)`, got/, ['请填写数字', 'Must be a number']],
  [/^Expected `str` of length >= 1\b/, ['不能为空', 'Must not be empty']],
  [/^Expected `str` of length >= (\d+)/, ['至少 {0} 个字', 'At least {0} characters']],
  [/^Expected `str` of length <= (\d+)/, ['最多 {0} 个字', 'At most {0} characters']],
  [/^Expected `array` of length >= (\d+)/, ['至少 {0} 项', 'At least {0} items']],
  [/^Expected `array` of length <= (\d+)/, ['最多 {0} 项', 'At most {0} items']],
  [/^Expected `str` matching regex/, ['含有不允许的字符', 'Holds a character that is not allowed']],
  [/^Invalid enum value/, ['请从列表中选择', 'Choose one from the list']],
  [/^Object missing required field `(\w+)`/, ['缺少 {0}', '{0} is missing']],
  [/^Invalid (?:RFC3339|ISO8601)/, ['日期或时间不正确', 'This is not a valid date or time']],
  [/^Invalid UUID/, ['编号不正确', 'This is not a valid id']],
  [/^(\d+) copies are wanted, (\d+) are there\.$/, ['要 {0} 份，现存 {1} 份', '{0} copies are wanted, {1} are there']],
]
