// What each refusal means to a person: [what happened, how to mend it, the facts it came with]. Keyed by the stable slug of
// the problem's type. The third is shown only when the answer carries every fact that stands in braces.
type Pair = readonly [string, string]
export type ProblemWords = readonly [Pair, Pair, Pair?]

export const PROBLEMS = {
  // Of the page itself.
  offline: [
    ['连不上服务器', 'The server cannot be reached'],
    ['请检查网络后重试；已填写的内容还在。', 'Check the network and try again; what you typed is still here.'],
  ],
  'page-fault': [
    ['页面出错', 'Something went wrong on this page'],
    ['请刷新页面；仍不行请告诉管理员。', 'Reload the page; if it stays, tell the operator.'],
  ],

  // Of every request.
  unexpected: [
    ['服务器出错', 'Something went wrong on our side'],
    ['请重试；仍不行请把请求编号告诉管理员。', 'Try again; if it stays, tell the operator the request id.'],
  ],
  busy: [
    ['服务器忙', 'The server is busy'],
    ['请稍后重试；重复提交不会重复记录。', 'Try again shortly; sending it again does not double anything.'],
  ],
  'not-found': [
    ['没有找到', 'Not found'],
    ['这项内容不存在，或不在您的范围内。', 'There is no such thing here, or it is not yours to see.'],
  ],
  'invalid-request': [
    ['填写有误', 'Something does not fit'],
    ['请按下面的提示修改后重试。', 'Mend what is named below and try again.'],
  ],
  'too-large': [
    ['内容过大', 'Too large'],
    ['请分几次提交。', 'Send it in parts.'],
    ['一次最多 {limit} 条，提交了 {sent} 条。', 'At most {limit} at once; {sent} were sent.'],
  ],
  'method-not-allowed': [
    ['这个地址不接受这种请求', 'This address does not take this kind of request'],
    ['请刷新页面后重试；仍不行请告诉管理员。', 'Reload the page and try again; if it stays, tell the operator.'],
  ],
  'unsupported-media-type': [
    ['文件类型不对', 'This type of file is not taken here'],
    [
      '请用模板格式（.xlsx、.csv 或 .geojson）重新保存后再选。',
      'Save it again as the template is (.xlsx, .csv or .geojson) and choose it again.',
    ],
  ],
  'cross-site-request': [
    ['请求没有从本系统页面发出', 'The request did not come from a page of this system'],
    [
      '请从本系统的页面操作；若已在本系统，请刷新后重试。',
      'Work from a page of this system; if you are on one, reload it and try again.',
    ],
  ],
  'pages-not-built': [
    ['页面还没有生成', 'The pages are not built'],
    [
      '请告诉管理员：服务器从源码启动，需要先生成页面。',
      'Tell the operator: the server runs from sources and its pages have to be built first.',
    ],
  ],
  'import-refused': [
    ['文件没有导入，原有数据没有改动', 'The file was refused; nothing was changed'],
    ['请按下面逐行的原因修改文件，再导入一次。', 'Mend the rows named below and import the file again.'],
    ['共 {error_count} 处需要修改。', '{error_count} {error_count|fault|faults} in all.'],
  ],

  // Riders' consent, the audit trail.
  'consent-withdrawn': [
    ['您已退出参加', 'You withdrew from taking part'],
    [
      '退出之后确认的发放不再记录；要继续，请重新同意告知书。',
      'What is confirmed after leaving is not recorded; to go on, agree to the notice again.',
    ],
  ],
  'location-withdrawn': [
    ['您已撤回使用位置', 'You withdrew the use of location'],
    ['请选择片区后重新提交。', 'Name the zone and send it again.'],
  ],
  'consent-changed': [
    ['这个编号已用于另一次答复', 'This id was used for another answer'],
    ['请刷新页面后重新选择。', 'Reload the page and choose again.'],
  ],
  'notice-unknown': [
    ['没有这一版告知书', 'There is no such notice'],
    ['请刷新页面，阅读最新一版。', 'Reload the page and read the newest version.'],
  ],
  'notice-version-taken': [
    ['告知书已有新版本', 'The notice has moved on'],
    ['请刷新后在最新一版上修改。', 'Reload and change the newest version.'],
    ['目前是第 {newest} 版。', 'Version {newest} is in force.'],
  ],
  'precise-position': [
    ['记录里带了不该有的坐标', 'The record holds coordinates'],
    ['请只发送地图格或片区，坐标留在手机里。', 'Send the map cell or the zone only; coordinates stay on the phone.'],
  ],
  'head-not-readable': [
    ['抄存的链尾无法识别', 'The kept head cannot be read'],
    ['请按“序号:哈希”完整输入。', 'Enter it whole, as position:hash.'],
  ],

  // Signing in, accounts, keys.
  'not-signed-in': [
    ['登录已失效', 'Your session has ended'],
    ['请重新登录，页面内容会保留。', 'Sign in again; the page keeps its content.'],
  ],
  'not-allowed': [
    ['没有权限', 'No permission'],
    [
      '您的角色不能做这件事；需要时请联系市反诈中心。',
      "Your role may not do this; ask the city's anti-fraud centre if it is needed.",
    ],
  ],
  'sign-in-refused': [
    ['账号或口令不对', 'These sign-in details are not right'],
    [
      '请核对后重试；骑手请核对网点代码和 PIN。忘记口令请联系管理员重设。',
      'Check them and try again; riders: outlet code and PIN. If forgotten, ask for a new one.',
    ],
  ],
  'password-change-required': [
    ['请先设置自己的口令', 'Choose a password of your own first'],
    [
      '现在用的是临时口令，请到“账户”页面更换后继续。',
      'The present one is temporary: change it on the account page, then go on.',
    ],
  ],
  'second-factor-required': [
    ['请先启用二次验证', 'Set up your second factor first'],
    ['请到“账户”页面按提示绑定验证器后继续。', 'Set up an authenticator on the account page, then go on.'],
  ],
  'weak-password': [
    ['这个口令太容易被猜到', 'This password is too easily guessed'],
    ['请换一个更长、不含账号和常见词的口令。', 'Choose a longer one without your login or common words.'],
  ],
  'wrong-password': [
    ['当前口令不对', 'The present password is not right'],
    ['请重新输入现在使用的口令。', 'Type the password you use now once more.'],
  ],
  'sign-in-locked': [
    ['失败次数过多，已暂时锁定', 'Locked for a while after too many failures'],
    [
      '到时间后再试；忘记口令或 PIN 请联系管理员重设。',
      'Try again when the time has passed; if forgotten, ask for a new password or PIN.',
    ],
    ['锁定到 {locked_until}。', 'Locked until {locked_until}.'],
  ],
  'second-factor-asked': [
    ['请输入动态验证码', 'Tell the code of your authenticator'],
    [
      '口令正确，还需要验证器上的六位验证码。',
      'The password is right; the six digits of the authenticator are needed too.',
    ],
  ],
  'second-factor-refused': [
    ['验证码不对', 'This code is not right'],
    [
      '请输入验证器现在显示的验证码；用过的不能再用。请确认手机时间准确。',
      'Type the code shown right now; one that was used does not work again. Check the clock of the phone.',
    ],
  ],
  'second-factor-there': [
    ['已经绑定验证器', 'There is an authenticator already'],
    ['要换手机，请先用验证码解除绑定。', 'To change phones, remove the present one with a code first.'],
  ],
  'own-account': [
    ['这是您自己的账号', 'This is your own account'],
    [
      '停用或重设自己的账号请由同事操作；改口令请到“账户”页面。',
      'A colleague has to do this; change your password on the account page.',
    ],
  ],
  'too-many-requests': [
    ['操作过于频繁', 'Too many calls in a short time'],
    ['请稍等后继续；已填写的内容还在。', 'Wait a little and go on; what you typed is still here.'],
  ],
  'body-too-slow': [
    ['上传太慢，连接已断开', 'The upload was too slow and was cut off'],
    ['请换更好的网络，或把文件分成几份。', 'Use a better line, or send the file in parts.'],
  ],
  'oidc-refused': [
    ['统一身份认证没有通过', 'The organisation’s sign-in was refused'],
    [
      '请重新登录；仍不行请联系管理员确认账号已建立并启用。',
      'Begin again; if it stays, ask whether your account has been made and is active.',
    ],
  ],
  'account-scope': [
    ['单位或网点与角色不符', 'Partner or outlet do not fit the role'],
    [
      '企业负责人要选单位，网点负责人要选网点，民警和审计人员都不选。',
      'A firm manager needs a partner, an outlet manager an outlet, planners and auditors neither.',
    ],
  ],
  'login-taken': [
    ['这个账号名已被使用', 'This login is taken'],
    ['请换一个账号名。', 'Choose another one.'],
  ],
  'key-expiry': [
    ['密钥有效期不合适', "The key's expiry does not work"],
    ['请选择今天之后、两年以内的日期。', 'Choose a day after today and within two years.'],
  ],
  'key-scope': [
    ['这个密钥不能做这件事', 'This key may not do that'],
    ['请向发放密钥的单位申请相应权限。', 'Ask whoever issued the key for the permission.'],
  ],
  'another-rider': [
    ['现在登录的是另一位骑手', 'Somebody else is signed in'],
    [
      '请由本人重新登录；未上传的记录仍留在这部手机里。',
      'Sign in as yourself; the records not yet sent stay on this phone.',
    ],
  ],

  // Zones and households.
  'city-differs': [
    ['这座城市已存在，且内容不同', 'This city exists and is another one'],
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
    ['这位骑手已停用', 'This rider is not active any more'],
    ['请先重新启用，或选择其他骑手。', 'Activate the rider again or choose another.'],
  ],
  'unknown-outlet': [
    ['没有这个网点', 'There is no such outlet here'],
    ['请核对网点代码；它须属于您的范围。', "Check the outlet's code; it has to be within your scope."],
  ],

  // Campaigns.
  'campaign-changed': [
    ['这次提交与之前保存的内容不同', 'This was saved before with other content'],
    ['请刷新页面，从最新内容继续。', 'Reload the page and go on from what is there.'],
  ],
  'campaign-closed': [
    ['专项行动已结束', 'The campaign is closed'],
    ['结束后只能更正记录和导出报告。', 'From now on records are only corrected and reports made.'],
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
    ['现在不能进行这一步', 'The campaign cannot take this step'],
    ['行动只能由筹备到进行、再到结束，不能退回。', 'A campaign goes from draft to open to closed, never back.'],
  ],
  'campaign-not-draft': [
    ['行动已不在筹备中', 'The campaign is no draft any more'],
    ['这些内容只能在筹备阶段修改。', 'This is changed only while it is being set up.'],
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
    ['请从列表中选择阶段。', 'Choose a wave of the list.'],
  ],

  // Materials and print runs.
  'channel-twice': [
    ['同一发放方式选了两次', 'A mode stands twice'],
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
    ['请刷新页面，从最新内容继续。', 'Reload the page and go on from what is there.'],
  ],
  'print-run-code-taken': [
    ['印制批次编号已被使用', 'This print run code is taken'],
    ['请换一个编号。', 'Choose another code.'],
  ],

  // The plan.
  'allocation-changed': [
    ['这次提交与之前保存的计划不同', 'This plan was saved before with other content'],
    ['请刷新页面，从最新内容继续。', 'Reload the page and go on from what is there.'],
  ],
  'allocation-not-draft': [
    ['计划已不是草稿', 'The plan is no draft any more'],
    ['只有草稿可以修改、批准或作废；请另做一份。', 'Only a draft is changed, approved or dropped; make a new one.'],
  ],
  'allocation-stale': [
    ['计划刚刚被别人改过', 'The plan was changed meanwhile'],
    ['请刷新后看清改动，再继续。', 'Reload, look at what changed, then go on.'],
  ],
  'due-date': [
    ['领取截止日期不能早于今天', 'The due date lies in the past'],
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
    ['不是整捆', 'These are no whole bundles'],
    ['份数须为整捆。', 'Copies move in whole bundles.'],
    ['每捆 {bundle_copies} 份。', 'A bundle holds {bundle_copies} {bundle_copies|copy|copies}.'],
  ],
  'nothing-to-approve': [
    ['计划里没有份数', 'The plan has no copies'],
    ['请先给片区分配份数。', 'Give some zone copies first.'],
  ],
  'partner-does-not-serve': [
    ['该单位没有申报这个片区', 'The partner does not serve this zone'],
    ['请选择已在该片区申报承接能力的单位。', 'Choose a partner that declared capacity in this zone.'],
  ],
  'plan-infeasible': [
    ['这些条件下排不出计划', 'No plan keeps to these limits'],
    [
      '请降低保底、增加份数，或请合作单位申报更多承接能力。',
      'Lower the floor, add copies, or ask partners to declare more capacity.',
    ],
    ['还差 {missing_copies} 份。', '{missing_copies} {missing_copies|copy is|copies are} missing.'],
  ],
  'plan-options': [
    ['计划选项前后矛盾', "The plan's options do not fit together"],
    ['请按提示修改选项。', 'Mend the option that is named.'],
  ],
  'plan-period-over': [
    ['计划的日期已经过去', "The plan's days are over"],
    ['请选择还没有结束的阶段。', 'Choose a wave that is still to come.'],
    ['最后一天是 {ends_on}。', 'Its last day was {ends_on}.'],
  ],

  // Batches and claims.
  'batch-taken': [
    ['已被其他单位先认领', 'Somebody was first to claim this batch'],
    ['可改领下面的批次，或等认领到期。', 'Take one of the batches below, or wait until the claim ends.'],
    ['认领方：{holder_kind}；到期 {lease_until}。', 'Held by: {holder_kind}, until {lease_until}.'],
  ],
  'batch-collected': [
    ['这一批已全部领走', 'Every copy of this batch has been collected'],
    ['请选择其他批次。', 'Choose another batch.'],
  ],
  'claim-changed': [
    ['这次提交与之前的认领不同', 'This was used before for another claim'],
    ['请刷新页面后重新认领。', 'Reload the page and claim again.'],
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
    ['请改为整捆份数，或一次领完剩余全部。', 'Make it whole bundles, or all that is left of the claim.'],
    ['每捆 {bundle_copies} 份。', 'A bundle holds {bundle_copies} {bundle_copies|copy|copies}.'],
  ],
  'more-than-claimed': [
    ['超过认领的剩余份数', 'The claim has fewer copies left'],
    ['请减少份数。', 'Hand over fewer.'],
    ['认领还剩 {uncollected} 份未领。', '{uncollected} {uncollected|copy is|copies are} left of the claim.'],
  ],
  'waybill-cancelled': [
    ['这张交接单已作废', 'This waybill was cancelled'],
    ['没有在途的资料；请核对单号。', 'Nothing is on its way; check the number.'],
  ],
  'waybill-changed': [
    ['这次提交与之前的交接单不同', 'This was used before for another waybill'],
    ['请刷新页面，从最新内容继续。', 'Reload the page and go on from what is there.'],
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
    ['有的捆不在这里', 'A named bundle is not sealed there'],
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
      'A move is reversed at most once; if that was wrong, record it anew.',
    ],
  ],
  'move-changed': [
    ['这次提交与之前登记的不同', 'This was recorded before with other content'],
    ['请刷新页面后重新登记。', 'Reload the page and record it again.'],
  ],
  'moves-refused': [
    ['没有登记', 'Nothing was recorded'],
    ['请按下面的提示修改后重试。', 'Mend what is named below and try again.'],
  ],
  'not-enough-stock': [
    ['库存不足，没有登记', 'There are not that many copies there; nothing was recorded'],
    ['请减少份数；账实不符请先盘点。', 'Take fewer; if more are there in fact, count the stock first.'],
    ['现存 {available} 份。', '{available} {available|copy is|copies are} there.'],
  ],
  'not-reversible': [
    ['这笔不能冲正', 'This move cannot be reversed'],
    [
      '已签收的交接单请退回领取点或做盘点；冲正本身不能再冲正，请重新登记。',
      'Of a received waybill return the copies to the depot or count the stock; a reversal is not reversed, record the move anew.',
    ],
  ],
  'unknown-holder': [
    ['没有这个领取点、网点或骑手', 'There is no such depot, outlet or rider here'],
    ['请核对编号；须在您的范围内。', 'Check the code; it has to be within your scope.'],
  ],
  'unknown-material': [
    ['本次行动没有这种宣传资料', 'The campaign has no such material'],
    ['请从列表中选择。', 'Choose one of the list.'],
  ],
  'variance-reason-needed': [
    ['有差异，需要说明原因', 'A difference needs its reason'],
    ['请填写差异原因后重试。', 'Say why, then try again.'],
    ['应为 {expected} 份。', '{expected} {expected|copy was|copies were} expected.'],
  ],

  // Handouts and refused records.
  'handout-changed': [
    ['同一编号已记录了别的内容', 'This id stands for another record'],
    ['这条不会再记录；如确有其事，请重新确认一次。', 'It is not recorded again; if it did happen, confirm it anew.'],
  ],
  'id-not-version-7': [
    ['记录编号不可用', "The record's id does not work"],
    ['请检查设备时间，更新页面后重新确认。', "Check the device's clock, reload the page and confirm anew."],
  ],
  'clock-ahead': [
    ['时间在将来', 'The time lies in the future'],
    [
      '设备时钟偏快；请打开自动设置时间。到时会自动补记。',
      "The device's clock is ahead: let it set the time by itself. The record is taken when its time has come.",
    ],
  ],
  'outside-campaign': [
    ['日期不在行动期间', 'The day is not within the campaign'],
    ['请核对日期；行动期外的发放不计入。', 'Check the day; what lies outside is not counted.'],
    ['日期：{day}', 'Day: {day}'],
  ],
  'not-held': [
    ['没有领取登记', 'Nothing of this was handed over yet'],
    [
      '请先补登领取（交接单签收、转给骑手），记录随后自动入账。',
      'Record the missing hand-over (waybill received, copies given to the rider); the record is then taken by itself.',
    ],
  ],
  'channel-not-for-material': [
    ['这种资料不能这样发放', 'The material does not go out this way'],
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
      "Check the zone's code; once the zone is imported the record is taken by itself.",
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
      'Choose the zone; or once a zone covers the place the record is taken by itself.',
    ],
  ],
  'unknown-handout': [
    ['要更正的发放还没有记录', 'The handout to correct is not on record'],
    [
      '原记录可能还没上传；到达后自动更正。',
      'It may still arrive from a phone; the correction is then taken by itself.',
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
    ['结束后只能更正已有结果。', 'Only results it has can be corrected.'],
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
      'Somebody entered one meanwhile: reload, look at it, and correct it if need be.',
    ],
  ],

  'range-needed': [
    ['底图文件只按段提供', 'The base map is given out in parts'],
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
      'You have said so already; another planner has to come to the same view.',
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
      'Look at it when it is over: until then hand-overs and confirmations may yet come in.',
    ],
  ],
} satisfies Record<string, ProblemWords>
