// Texts of the guide for firms' own systems.
export const STEPS = [
  'setup',
  'key',
  'campaign',
  'offers',
  'claim_trial',
  'claim',
  'extend',
  'waybills',
  'receive',
  'channels',
  'report_trial',
  'report',
  'read_back',
  'correct',
  'refusal_request',
  'refusal_record',
] as const

export const GUIDE = {
  guide: ['对接指南', 'Integration guide'],
  note: [
    '企业系统用 curl 走一遍：认领、签收、上报、查回、更正。每条命令都可直接粘贴。',
    'A firm’s system from claim to correction with curl. Every command can be pasted as it is.',
  ],
  sign_in: ['登录', 'Sign in'],
  contract: ['接口说明', 'The contract'],
  keys: ['接口密钥', 'API keys'],
  copy: ['复制', 'Copy'],
  copied: ['已复制', 'Copied'],
  before: ['开始之前', 'Before you begin'],
  before_text: [
    '企业负责人在“接口密钥”页新建密钥，按需要勾选用途；密钥可以归全企业，也可以只归一个网点，看到和能做的都不超过该企业或网点的负责人。' +
      '走完本页需要这些用途：读取、认领、签收、上报、更正、查回。',
    'The firm manager makes a key on the page “API keys” and ticks what it is for. A key belongs to the whole firm ' +
      'or to one outlet and never sees or does more than the manager there. For this page it needs: read, claims, ' +
      'waybills, report, correct, read back.',
  ],
  take: [
    '命令下面的“→ 名称 = 字段”表示：从应答中取这个字段的值，在终端执行 名称=值，再继续下一步；括号里是值的样子。',
    'A line “→ NAME = field” says: take the value of this field from the answer, type NAME=value in the terminal, ' +
      'then go on. What is in brackets is what such a value looks like.',
  ],
  rules: ['重发、拒绝、限额、版本', 'Sending again, refusals, limits, versions'],
  again_title: ['重发', 'Sending again'],
  again_text: [
    'source_id 是企业自己的编号，1 到 64 个可见字符，全企业唯一（换了密钥也算同一个）。断线、429、500、503 之后原样重发：' +
      '已经记下的回答 duplicate，不会记两次；同一编号内容不同，回答 handout-changed，什么也不改变。发放、更正、认领、签收各用各的编号。',
    'source_id is the firm’s own reference: 1 to 64 visible characters, unique in the firm, whichever key sends it. ' +
      'After a lost connection, 429, 500 or 503 send the same again: what is recorded is answered duplicate and ' +
      'never counted twice; the same reference with other content is answered handout-changed and changes nothing. ' +
      'Handouts, corrections, claims and receipts each have references of their own.',
  ],
  refusals_title: ['拒绝', 'Refusals'],
  refusals_text: [
    '整个请求被拒绝：状态 4xx，应答为 application/problem+json，按 type 判断；单条记录被拒绝：状态 200，该条 outcome 为 rejected，' +
      'problem 说明原因，其余照常记录。被拒绝的记录由服务器留存，查回时为 waiting；改正后用同一 source_id 重发即可。每个 type 都能在接口说明中查到。',
    'A request is refused with a status 4xx and application/problem+json: branch on type. A single record is ' +
      'refused inside an answer of status 200: its outcome is rejected with a problem, and the others are ' +
      'recorded. What was refused is kept and reads back as waiting; put it right and send it again under the same ' +
      'source_id. The contract explains every type.',
  ],
  limits_title: ['限额', 'Limits'],
  limits_text: [
    '一次最多上报 5,000 条。默认每个密钥每分钟写 600 次、读 1,200 次，由运维调整；超过时回答 429，并在 Retry-After 中给出等待秒数。',
    'At most 5,000 records a report. By default 600 writes and 1,200 reads a minute and key, which the operator may ' +
      'change; beyond that the answer is 429 with the seconds to wait in Retry-After.',
  ],
  versions_title: ['版本', 'Versions'],
  versions_text: [
    '应答可能增加字段，请忽略不认识的字段。不兼容的变更至少提前 180 天预告：接口说明标为已弃用，应答带 Deprecation 和 Sunset。',
    'Answers may gain members: ignore what you do not know. What would break a program is announced at least 180 ' +
      'days before: marked as deprecated in the contract, and in the headers Deprecation and Sunset.',
  ],
  changes: ['变更记录', 'List of changes'],
  lists_title: ['分页', 'Pages'],
  lists_text: [
    '列表用 limit 和 cursor 分页：把 next_cursor（或 Next-Cursor 头）原样作为 cursor 再请求；没有时就是最后一页。',
    'Lists page by limit and cursor: send next_cursor (or the header Next-Cursor) unchanged as cursor; ' +
      'where there is none, it was the last page.',
  ],

  setup_title: ['设置地址和密钥', 'Address and key'],
  setup_text: [
    '在终端里设一次。密钥不要写进脚本和代码库。',
    'Once in the terminal. Keep the key out of scripts and repositories.',
  ],
  key_title: ['检查密钥', 'Try the key'],
  key_text: [
    'key_scopes 列出密钥的用途。DAY 是要上报的发放日期（年-月-日），这里取 server_time 的前十位。',
    'key_scopes lists what the key is for. DAY is the day of the handouts to be reported (YYYY-MM-DD): here the ' +
      'first ten characters of server_time.',
  ],
  campaign_title: ['选择专项行动', 'Choose the campaign'],
  campaign_text: ['取 status 为 open 的一项。', 'Take one whose status is open.'],
  offers_title: ['查看可认领的批次', 'Batches on offer'],
  offers_text: [
    '按优先顺序列出本企业申报过承接能力的片区的批次。列表为空：先在“参与与承接”页申报承接能力。',
    'In priority order, of zones in which the firm declared capacity. None: declare capacity first.',
  ],
  claim_trial_title: ['试认领', 'Try the claim'],
  claim_trial_text: [
    'dry_run=true：应答与真的一样，dry_run 为 true，什么也不写。',
    'With dry_run=true the answer is that of the real request, dry_run is true, and nothing is written.',
  ],
  claim_title: ['认领', 'Claim'],
  claim_text: [
    '一个批次只有一家认领成功，其余回答 409 batch-taken。认领到 lease_until 为止，领用会自动续期。',
    'Exactly one of many succeeds; the others are answered 409 batch-taken. The claim holds until lease_until; ' +
      'collecting renews it.',
  ],
  extend_title: ['续期', 'Extend'],
  extend_text: [
    '不再需要时用 /release 退回。',
    'What is no longer needed is given back by /release in the place of /extend.',
  ],
  waybills_title: ['查看交接单', 'Waybills'],
  waybills_text: [
    '领取点（公安）开出交接单后，这里才有内容：资料已在送往网点的路上。之前列表为空，稍后再查。只查一次认领的：加 &claim_id=$CLAIM。',
    'Filled once the depot (the police) has issued a waybill: the copies are on their way to the outlet. Before that ' +
      'it is empty; ask again later. Those of one claim: add &claim_id=$CLAIM.',
  ],
  receive_title: ['签收', 'Receive'],
  receive_text: [
    '填实收份数；与交接单不同时加 variance_reason 说明原因。',
    'With the copies that arrived; where they differ from the waybill, add variance_reason.',
  ],
  channels_title: ['查看发放方式', 'Channels of the material'],
  channels_text: [
    '在列表中找到 code 等于 MATERIAL 的资料，从它的 channels 中取一个。',
    'Find the material whose code is MATERIAL and take one of its channels.',
  ],
  report_trial_title: ['试上报', 'Try a report'],
  report_trial_text: [
    '先试一遍：每条记录的 outcome 与真上报一样，库存不动，被拒绝的也不留存。',
    'Every outcome is that of the real report; no stock is touched, and nothing refused is kept.',
  ],
  report_title: ['上报发放', 'Report handouts'],
  report_text: [
    '份数从网点的库存扣减；写 rider_code 时从该骑手手中扣减。一次可报多条，逐条判断：recorded 已记，duplicate 早已记过，rejected 未记。',
    'The copies come from the outlet’s stock, or with rider_code from that rider’s hands. Several records at once ' +
      'are judged one by one: recorded, duplicate (it was recorded before), or rejected.',
  ],
  read_back_title: ['查回', 'Read back'],
  read_back_text: [
    '按 source_id、handout_id、day、outcome 查。outcome：recorded 已记，corrected 已记且更正过，waiting 未记、等人处理，withdrawn 已作废。',
    'By source_id, handout_id, day or outcome. The outcome is recorded, corrected (recorded, and copies taken ' +
      'back since), waiting (refused, waits for somebody), or withdrawn.',
  ],
  correct_title: ['更正', 'Correct'],
  correct_text: [
    '收回多报的份数，原记录保留；不写 copies 就全部收回。',
    'Takes back what was reported too much; the record stays. Without copies all of it is taken back.',
  ],
  refusal_request_title: ['整个请求被拒绝', 'A request that is refused'],
  refusal_request_text: [
    '同一张交接单用另一编号、另一份数再签收一次：',
    'The same waybill received again with another count:',
  ],
  refusal_record_title: ['单条记录被拒绝', 'A record that is refused'],
  refusal_record_text: ['片区代码不存在：', 'There is no such zone:'],
} as const
