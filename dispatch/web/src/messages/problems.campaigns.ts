// Refusals while a campaign is prepared: zones, partners, materials and the plan.
import type { ProblemWords } from './problems'

export const CAMPAIGN_PROBLEMS = {
  // Zones and households.
  'city-differs': [
    ['这座城市已存在，且内容不同', 'A city with this code exists and differs'],
    ['请核对城市代码；已建城市的坐标系不能更改。', "Check the city's code; the datum of a city never changes."],
  ],
  'unknown-datum': [
    ['没有说明坐标系', 'The datum is not known'],
    [
      '请选择文件所用的坐标系：GCJ-02、WGS-84、CGCS2000 或 BD-09。系统不会猜测。',
      "Choose the file's datum: GCJ-02, WGS-84, CGCS2000 or BD-09. It is never guessed.",
    ],
  ],

  // Partners.
  'pins-exhausted': [
    ['没有空余的 PIN', 'No free PIN was found'],
    ['请先停用不再参加的骑手，再为新骑手生成 PIN。', 'Deactivate riders who have left, then make PINs for new ones.'],
  ],
  'rider-code-taken': [
    ['这个骑手代码已被使用', 'This rider code is taken'],
    ['请换一个代码。', 'Choose another code.'],
  ],
  'rider-inactive': [
    ['这位骑手已停用', 'This rider is no longer active'],
    ['请先重新启用，或选择其他骑手。', 'Activate the rider again or choose another.'],
  ],
  'unknown-outlet': [
    ['没有这个网点', 'There is no such outlet here'],
    ['请核对网点代码；它须属于您的范围。', "Check the outlet's code; it has to be within your scope."],
  ],

  // Campaigns.
  'campaign-changed': [
    ['这次提交与之前保存的内容不同', 'This was saved before with other content'],
    ['请刷新页面，从最新内容继续。', 'Reload the page and continue from what is shown.'],
  ],
  'campaign-closed': [
    ['专项行动已结束', 'The campaign is closed'],
    ['结束后只能更正记录和导出报告。', 'Records can now only be corrected, and reports made.'],
  ],
  'campaign-code-taken': [
    ['行动编号已被使用', 'This campaign code is taken'],
    ['请换一个编号。', 'Choose another code.'],
  ],
  'campaign-dates': [
    ['行动日期不合适', "The campaign's dates do not work"],
    ['结束日期不能早于开始日期，且最长两年。', 'It ends on or after its first day, and within two years.'],
  ],
  'campaign-status-order': [
    ['现在不能进行这一步', 'The campaign cannot change to this status'],
    ['行动只能由筹备到进行、再到结束，不能退回。', 'A campaign goes from draft to open to closed, never back.'],
  ],
  'campaign-not-draft': [
    ['行动已不在筹备中', 'The campaign is no longer a draft'],
    ['这些内容只能在筹备阶段修改。', 'This can be changed only while it is being set up.'],
  ],
  'campaign-not-open': [
    ['专项行动不在进行中', 'The campaign is not open'],
    [
      '发放只在行动进行期间记录；结束后只能更正。',
      'Handouts are recorded while it is open; after its end they are only corrected.',
    ],
  ],
  'id-unusable': [
    ['页面生成的编号不可用', 'The id this page made does not work'],
    ['请检查电脑时间是否正确，刷新页面后重试。', "Check this computer's clock, reload the page and try again."],
  ],
  'id-or-source-id': [
    ['编号缺失，或给了两个编号', 'No id, or two of them'],
    ['请只写 source_id（企业自己的编号）或只写 id。', 'Send source_id, your own reference, or an id: one of the two.'],
  ],
  'partners-unknown': [
    ['有的合作单位代码不存在', 'Some partners are unknown'],
    ['请核对下列代码，或先导入合作单位。', 'Check these codes, or import the partners first.'],
    ['编号：{partner_codes}', 'Codes: {partner_codes}'],
  ],
  'wave-plan': [
    ['阶段安排前后不符', 'The waves do not fit together'],
    [
      '阶段按顺序编号、日期不重叠且都在行动期内，计划份额逐段增加到 100 %。',
      'Waves are numbered in order, lie inside the campaign without overlap, and their planned shares rise to 100 %.',
    ],
    ['问题在第 {wave} 阶段。', 'It is wave {wave}.'],
  ],
  'wave-zones': [
    ['阶段里有不存在的片区', 'A wave names unknown zones'],
    ['请核对下列片区代码。', 'Check these zone codes.'],
    ['片区：{zone_codes}', 'Zones: {zone_codes}'],
  ],
  'wave-unknown': [
    ['没有这个阶段', 'The campaign has no such wave'],
    ['请从列表中选择阶段。', 'Choose a wave from the list.'],
  ],

  // Materials and print runs.
  'channel-twice': [
    ['同一发放方式选了两次', 'A mode is listed twice'],
    ['每种方式只选一次。', 'Name each once.'],
  ],
  'depot-unknown': [
    ['没有这个领取点', 'There is no such depot'],
    ['请从启用的领取点中选择。', 'Choose one of the active depots.'],
  ],
  'material-code-taken': [
    ['宣传资料编号已被使用', 'This material code is taken'],
    ['请换一个编号。', 'Choose another code.'],
  ],
  'material-unknown': [
    ['本次行动没有这种宣传资料', 'The campaign has no such material'],
    ['请先登记这种资料，或核对编号。', 'Register it first, or check the code.'],
  ],
  packing: [
    ['一箱必须装整捆', 'A carton holds whole bundles'],
    ['每箱份数须是每捆份数的整数倍。', 'Copies per carton have to be a multiple of copies per bundle.'],
  ],
  'print-run-changed': [
    ['这次提交与之前保存的印制批次不同', 'This print run was saved before with other content'],
    ['请刷新页面，从最新内容继续。', 'Reload the page and continue from what is shown.'],
  ],
  'print-run-code-taken': [
    ['印制批次编号已被使用', 'This print run code is taken'],
    ['请换一个编号。', 'Choose another code.'],
  ],

  // The plan.
  'allocation-changed': [
    ['这次提交与之前保存的计划不同', 'This plan was saved before with other content'],
    ['请刷新页面，从最新内容继续。', 'Reload the page and continue from what is shown.'],
  ],
  'allocation-not-draft': [
    ['计划已不是草稿', 'The plan is no longer a draft'],
    ['只有草稿可以修改、批准或作废；请另做一份。', 'Only a draft is changed, approved or dropped; make a new one.'],
  ],
  'allocation-stale': [
    ['计划刚刚被别人改过', 'The plan was changed meanwhile'],
    ['请刷新后看清改动，再继续。', 'Reload, review what changed, then continue.'],
  ],
  'due-date': [
    ['领取截止日期不能早于今天', 'The due date is in the past'],
    ['请选择今天或以后的日期。', 'Choose today or a later day.'],
  ],
  'lines-exceed-copies': [
    ['各片区合计超过计划份数', "The lines would pass the plan's copies"],
    ['请先减少其他片区。', 'Take copies from other zones first.'],
    ['还可分配 {left_copies} 份。', '{left_copies} {left_copies|copy is|copies are} left to give.'],
  ],
  'not-enough-printed': [
    ['印制数量不够', 'Not enough copies are printed or ordered'],
    ['请减少计划份数，或先登记新的印制批次。', 'Plan fewer, or register another print run first.'],
    ['可用于计划的还有 {left_copies} 份。', '{left_copies} {left_copies|copy is|copies are} left to plan with.'],
  ],
  'not-whole-bundles': [
    ['不是整捆', 'These are not whole bundles'],
    ['份数须为整捆。', 'Copies move in whole bundles.'],
    ['每捆 {bundle_copies} 份。', 'A bundle holds {bundle_copies} {bundle_copies|copy|copies}.'],
  ],
  'nothing-to-approve': [
    ['计划里没有份数', 'The plan has no copies'],
    ['请先给片区分配份数。', 'Give copies to a zone first.'],
  ],
  'partner-does-not-serve': [
    ['该单位没有申报这个片区', 'The partner does not serve this zone'],
    ['请选择已在该片区申报承接能力的单位。', 'Choose a partner that declared capacity in this zone.'],
  ],
  'plan-infeasible': [
    ['这些条件下排不出计划', 'No plan keeps within these limits'],
    [
      '请降低保底、增加份数，或请合作单位申报更多承接能力。',
      'Lower the floor, add copies, or ask partners to declare more capacity.',
    ],
    ['还差 {missing_copies} 份。', '{missing_copies} {missing_copies|copy is|copies are} missing.'],
  ],
  'plan-options': [
    ['计划选项前后矛盾', "The plan's options do not fit together"],
    ['请按提示修改选项。', 'Change the option that is named.'],
  ],
  'plan-period-over': [
    ['计划的日期已经过去', "The plan's days are over"],
    ['请选择还没有结束的阶段。', 'Choose a wave that is still to come.'],
    ['最后一天是 {ends_on}。', 'Its last day was {ends_on}.'],
  ],
  'allocation-not-approved': [
    ['计划未批准', 'The plan is not approved'],
    ['只有已批准的计划才能撤回；草稿可直接放弃。', 'Only an approved plan is taken back; drop a draft instead.'],
  ],
  'division-unknown': [
    ['本市没有这个区划', 'The city has no such division'],
    [
      '请选择本市的区县，或先导入带区划代码的片区。',
      'Choose one of the city’s districts, or import zones with their division codes first.',
    ],
  ],
  'missing-unconfirmed': [
    ['还缺少必要的准备', 'Something is missing'],
    ['请看下面的清单，补齐后再办理，或逐项确认。', 'See the list: provide what is missing, or confirm each item.'],
  ],
  'partner-not-invited': [
    ['该单位未被邀请', 'The partner is not invited'],
    ['请先发出邀请，再登记承接能力。', 'Invite the partner before you enter its capacity.'],
  ],
  'partners-engaged': [
    ['有单位已经开始发放', 'Some partners have begun already'],
    [
      '请先撤回其批次，等其退回或发完手中的资料。',
      'Take their batches back first, and let them return or hand out what they hold.',
    ],
  ],
  'told-later': [
    ['日期在今天之后', 'The day lies in the future'],
    ['请填写对方告知的日期，不晚于今天。', 'Enter the day on which it was said, today at the latest.'],
  ],
} satisfies Record<string, ProblemWords>
