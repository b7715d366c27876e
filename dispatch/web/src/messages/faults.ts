// What is wrong with one field or one move, where the server says it by a slug or in the words of its decoder.
export const FAULT_REASONS = {
  'not-version-7': ['页面生成的编号不可用，请刷新后重试', 'The id this page made does not work; reload and try again'],
  'unknown-material': ['本次行动没有这种宣传资料', 'The campaign has no such material'],
  'in-the-future': ['时间在将来', 'Lies in the future'],
  'reason-needed': ['请说明原因', 'Say why'],
  'unknown-holder': ['没有这个编号，或不在您的范围内', 'There is no such code within your scope'],
  'no-target': ['不需要填写转入方', 'Leave the receiving side out'],
  'wrong-way': ['不能这样转移', 'Copies do not go this way'],
  'same-holder': ['转出方和转入方相同', 'The copies are there already'],
  'other-firm': ['只能在本单位内转移；跨单位请先退回领取点', 'Copies stay within the firm; return them to the depot first'],
  'inactive-holder': ['已停用', 'Is not active any more'],
  'repeated-id': ['同一笔提交了两次', 'The same move stands twice'],
} as const

/** The decoder's English, as patterns, with what it means to whoever filled in the form. "{0}" is the first group. */
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
  [/^Invalid enum value/, ['请从列表中选择', 'Choose one of the list']],
  [/^Object missing required field `(\w+)`/, ['缺少 {0}', '{0} is missing']],
  [/^Invalid (?:RFC3339|ISO8601)/, ['日期或时间不正确', 'This is no valid date or time']],
  [/^Invalid UUID/, ['编号不正确', 'This is no valid id']],
  [/^(\d+) copies are wanted, (\d+) are there\.$/, ['要 {0} 份，现存 {1} 份', '{0} copies are wanted, {1} are there']],
]
