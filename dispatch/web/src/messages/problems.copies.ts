// Refusals while copies move: claims, hand-overs, handouts, and the checks made of them.
import type { ProblemWords } from './problems'

export const COPIES_PROBLEMS = {
  // Batches and claims.
  'batch-taken': [
    ['已被其他单位先认领', 'Another firm claimed this batch first'],
    ['可改领下面的批次，或等认领到期。', 'Claim one of the batches below, or wait until the claim ends.'],
    ['认领方：{holder_kind}；到期 {lease_until}。', 'Held by: {holder_kind}, until {lease_until}.'],
  ],
  'batch-collected': [
    ['这一批已领完', 'Every copy of this batch has been collected'],
    ['请选择其他批次。', 'Choose another batch.'],
  ],
  'claim-changed': [
    ['这次提交与之前的认领不同', 'This was used before for another claim'],
    ['请刷新页面后重新认领。', 'Reload the page and claim again.'],
  ],
  'outlet-not-of-firm': [
    ['本单位没有这个网点', 'The firm has no such outlet'],
    ['请选择本单位在用的网点，或先不指定。', 'Choose an active outlet of the firm, or name none for now.'],
  ],
  'claim-not-held': [
    ['认领已失效', 'This claim has ended'],
    [
      '认领已退回或到期；仍需要请重新认领。',
      'It was released or ran out; claim the batch again if it is still needed.',
    ],
  ],
  'lease-limit': [
    ['认领不能再续', 'The claim cannot be held that long'],
    [
      '一次认领最长三周；请先领走需要的份数，或退回。',
      'A claim is held three weeks at most; collect what is needed or release it.',
    ],
    ['最晚 {latest}。', 'At the latest {latest}.'],
  ],
  'not-assignable': [
    ['不能指派给这个单位', 'The batch cannot be assigned to this partner'],
    [
      '请选择已在该片区申报承接能力、且未被他方预留的单位。',
      'Choose an active partner that declared capacity in the zone; a reserved batch goes to its own partner only.',
    ],
  ],

  // Hand-overs, the ledger.
  'whole-bundles': [
    ['出库须为整捆', 'Only whole bundles leave the depot'],
    ['请改为整捆份数，或一次领完剩余全部。', 'Choose whole bundles, or all that is left of the claim.'],
    ['每捆 {bundle_copies} 份。', 'A bundle holds {bundle_copies} {bundle_copies|copy|copies}.'],
  ],
  'more-than-claimed': [
    ['超过认领的剩余份数', 'The claim has fewer copies left'],
    ['请减少份数。', 'Hand over fewer copies.'],
    ['认领还剩 {uncollected} 份未领。', '{uncollected} {uncollected|copy is|copies are} left of the claim.'],
  ],
  'waybill-cancelled': [
    ['这张交接单已作废', 'This waybill was cancelled'],
    ['没有在途的资料；请核对单号。', 'Nothing is on its way; check the number.'],
  ],
  'waybill-changed': [
    ['这次提交与之前的交接单不同', 'This was used before for another waybill'],
    ['请刷新页面，从最新内容继续。', 'Reload the page and continue from what is shown.'],
  ],
  'waybill-received': [
    ['这张交接单已签收', 'This waybill was received already'],
    ['若份数不符，请做盘点并说明原因。', 'If the count differs, count the stock and say why.'],
    ['已签收 {received_copies} 份。', '{received_copies} {received_copies|copy was|copies were} received.'],
  ],
  'bundle-count': [
    ['捆数与份数不符', 'The bundles do not hold that many copies'],
    ['请核对扫描的捆和份数。', 'Check the bundles scanned and the copies.'],
  ],
  'bundle-not-here': [
    ['有的捆不在这里', 'A bundle on the list is not sealed at that place'],
    [
      '请核对捆的编号；已拆封或已转出的捆不能再整捆转出。',
      'Check the codes; a bundle that was opened or moved on cannot go as a whole.',
    ],
  ],
  'unknown-bundle': [
    ['没有这个捆', 'There is no such bundle here'],
    ['请核对捆的编号。', "Check the bundle's code."],
  ],
  'already-reversed': [
    ['这笔已经冲正', 'This move was reversed already'],
    [
      '每笔只能冲正一次；如冲正有误，请重新登记。',
      'A move is reversed at most once; if that was wrong, record it again.',
    ],
  ],
  'move-changed': [
    ['这次提交与之前登记的不同', 'This was recorded before with other content'],
    ['请刷新页面后重新登记。', 'Reload the page and record it again.'],
  ],
  'moves-refused': [
    ['没有登记', 'Nothing was recorded'],
    ['请按下面的提示修改后重试。', 'Correct what is named below and try again.'],
  ],
  'not-enough-stock': [
    ['库存不足，没有登记', 'There are not that many copies there; nothing was recorded'],
    ['请减少份数；账实不符请先盘点。', 'Enter fewer; if more are actually there, count the stock first.'],
    ['现存 {available} 份。', '{available} {available|copy is|copies are} there.'],
  ],
  'not-reversible': [
    ['这笔不能冲正', 'This move cannot be reversed'],
    [
      '已签收的交接单请退回领取点或做盘点；冲正本身不能再冲正，请重新登记。',
      'For a received waybill, return the copies to the depot or count the stock; a reversal is not reversed: ' +
        'record the move again.',
    ],
  ],
  'unknown-holder': [
    ['没有这个领取点、网点或骑手', 'There is no such depot, outlet or rider here'],
    ['请核对编号；须在您的范围内。', 'Check the code; it has to be within your scope.'],
  ],
  'unknown-material': [
    ['本次行动没有这种宣传资料', 'The campaign has no such material'],
    ['请从列表中选择。', 'Choose one from the list.'],
  ],
  'variance-reason-needed': [
    ['有差异，需要说明原因', 'A difference needs its reason'],
    ['请填写差异原因后重试。', 'Say why, then try again.'],
    ['应为 {expected} 份。', '{expected} {expected|copy was|copies were} expected.'],
  ],

  // Handouts and refused records.
  'handout-changed': [
    ['同一编号已记录了别的内容', 'This id belongs to another record'],
    ['这条不会再记录；如确有其事，请重新确认一次。', 'It is not recorded again; if it did happen, confirm it again.'],
  ],
  'id-not-version-7': [
    ['记录编号不可用', "The record's id does not work"],
    ['请检查设备时间，更新页面后重新确认。', "Check the device's clock, reload the page and confirm again."],
  ],
  'clock-ahead': [
    ['时间在将来', 'The time is in the future'],
    [
      '设备时钟偏快；请打开自动设置时间。到时会自动补记。',
      "The device's clock is ahead: let it set the time automatically. The record is accepted when its time has come.",
    ],
  ],
  'outside-campaign': [
    ['日期不在行动期间', 'The day is not within the campaign'],
    ['请核对日期；行动期外的发放不计入。', 'Check the day; what lies outside is not counted.'],
    ['日期：{day}', 'Day: {day}'],
  ],
  'not-held': [
    ['没有领取登记', 'None of this material was handed over yet'],
    [
      '请先补登领取（交接单签收、转给骑手），记录随后自动入账。',
      'Record the missing hand-over (waybill received, copies given to the rider); the record is then accepted ' +
        'automatically.',
    ],
  ],
  'channel-not-for-material': [
    ['这种资料不能这样发放', 'The material is not handed out this way'],
    ['请换一种方式，或核对资料。', 'Choose another mode, or check the material.'],
  ],
  'zone-missing': [
    ['没有片区', 'The zone is missing'],
    ['请选择片区。', 'Choose the zone.'],
  ],
  'unknown-zone': [
    ['没有这个片区', 'There is no such zone'],
    [
      '请核对片区代码；片区导入后会自动补记。',
      "Check the zone's code; once the zone is imported the record is accepted automatically.",
    ],
  ],
  'not-a-cell': [
    ['没有这个网格', 'There is no such map cell'],
    ['请由设备重新定位，或改选片区。', 'Let the device find the place again, or choose the zone instead.'],
  ],
  'outside-zones': [
    ['位置不在任何片区内', 'The place lies in no zone'],
    [
      '请选择片区，或由民警补画片区后自动补记。',
      'Choose the zone; or once a zone covers the place the record is accepted automatically.',
    ],
  ],
  'unknown-handout': [
    ['要更正的发放还没有记录', 'The handout to correct is not on record'],
    [
      '原记录可能还没上传；到达后自动更正。',
      'It may still arrive from a phone; the correction is then accepted automatically.',
    ],
  ],
  'nothing-to-correct': [
    ['可更正的份数不够', 'Fewer copies are left to correct'],
    ['请减少更正份数。', 'Take back fewer.'],
    ['这条还剩 {left} 份。', '{left} {left|copy is|copies are} left of it.'],
  ],
  'time-missing': [
    ['没有日期和时间', 'Neither day nor time is given'],
    ['请填写日期。', 'Give the day.'],
  ],
  'unknown-code': [
    ['代码不认识', 'The code is not known here'],
    ['请核对资料、网点、骑手或片区代码。', 'Check the code of the material, outlet, rider or zone.'],
  ],

  // Spot checks.
  'sample-plan': [
    ['抽不出这样的样本', 'This sample cannot be drawn'],
    [
      '请减少户数或抽查点；片区没有户数时请先导入。',
      'Ask fewer households or at fewer places; where the zone has no households, import them first.',
    ],
    ['片区登记 {households} 户。', 'The zone has {households} registered {households|household|households}.'],
  ],
  'spot-check-too-early': [
    ['行动还没开始', 'The campaign has not begun'],
    ['行动开始后才有发放可查；结束后仍可抽查。', 'Open the campaign first; after its end it can still be checked.'],
  ],
  'spot-check-changed': [
    ['这次提交与之前保存的抽查不同', 'This check was saved before with other content'],
    ['请刷新页面后重新安排。', 'Reload the page and plan it again.'],
  ],
  'spot-check-closed': [
    ['抽查已结束', 'The spot check is closed'],
    ['结束后只能更正已有结果。', 'Only existing results can be corrected.'],
  ],
  'cluster-unknown': [
    ['没有这个抽查点', 'There is no such cluster'],
    ['请核对抽查点编号。', 'Check its number.'],
    ['编号为 1 到 {clusters}。', 'They are numbered 1 to {clusters}.'],
  ],
  'more-than-asked': [
    ['部分多于整体', 'A part is larger than its whole'],
    [
      '“有资料”不能多于“询问”，“看过并记得”不能多于“有资料”。',
      '"Have it" cannot pass "asked", nor "read and remember" pass "have it".',
    ],
  ],
  'more-than-planned': [
    ['超过计划户数', 'More households than planned'],
    ['每个抽查点可比计划多问两户。', 'Two more than planned may be asked at a place.'],
    ['最多 {most} 户。', 'At most {most}.'],
  ],
  'result-changed': [
    ['这次提交与之前保存的结果不同', 'This result was saved before with other content'],
    ['请刷新页面后重新填写。', 'Reload the page and enter it again.'],
  ],
  'cluster-answered': [
    ['这个抽查点已有结果', 'The cluster has another result'],
    [
      '别人刚刚填过；请刷新后核对，需要时再更正。',
      'A result was entered meanwhile: reload, review it, and correct it if necessary.',
    ],
  ],

  'range-needed': [
    ['底图文件只按段提供', 'The base map is served in parts'],
    ['请刷新页面后重试。', 'Reload the page and try again.'],
  ],

  // Review flags.
  'flag-settled': [
    ['这个问题已了结', 'This question is settled'],
    ['不需要再回答或处理。', 'Nothing more is needed.'],
  ],
  'second-person-needed': [
    ['需要另一位民警', 'A second planner must agree'],
    [
      '您已给出同样的意见；要由另一位民警得出相同意见才算了结。',
      'You have given this opinion already; another planner has to come to the same view.',
    ],
  ],
  'opinion-changed': [
    ['这次提交与之前的意见不同', 'This was used before for another opinion'],
    ['请刷新页面后重新填写。', 'Reload the page and give it again.'],
  ],
  'opinion-id-not-version-7': [
    ['页面生成的编号不可用', 'The id this page made does not work'],
    ['请检查电脑时间是否正确，刷新页面后重试。', "Check this computer's clock, reload the page and try again."],
  ],
  'week-not-monday': [
    ['请选择周一', 'The week does not begin on a Monday'],
    ['一周从周一算起。', 'A week is named by its Monday.'],
  ],
  'week-not-over': [
    ['这一周还没结束', 'The week is not over'],
    [
      '周日过后再查看；在此之前领取和确认都可能陆续补上。',
      'Review it when it is over: until then hand-overs and confirmations may still arrive.',
    ],
  ],
  'batch-withdrawn': [
    ['这个批次已被撤回', 'The batch was taken back'],
    ['可改领下面的批次。', 'Claim one of the batches below.'],
  ],
} satisfies Record<string, ProblemWords>
