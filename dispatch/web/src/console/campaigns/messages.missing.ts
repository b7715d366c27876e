// What is missing before a campaign is opened or a plan approved.
export const MISSING = {
  title: ['还缺 {n} 项', '{n} {n|thing is|things are} missing'],
  nothing: ['该有的都有了。', 'Nothing is missing.'],
  go: ['去处理', 'Put it right'],
  confirm: ['我已核对上述各项，仍然继续', 'I have looked at these and go on all the same'],
  missing_zones: ['还没有片区', 'There are no zones'],
  missing_households: ['{n} 个片区没有户数', '{n} {n|zone|zones} without households'],
  missing_materials: ['还没有登记宣传资料', 'No material is registered'],
  missing_printed: ['还没有印制或订印', 'Nothing is printed or ordered'],
  missing_depots: ['还没有领取点', 'There is no depot'],
  missing_stock: ['领取点的存货少 {n} 份', 'Depots hold {n} copies too few'],
  missing_invitations: ['还没有邀请任何单位', 'Nobody is invited'],
  missing_accepted: ['没有单位接受邀请，批次没有人能认领', 'Nobody has accepted, so nobody can claim'],
  missing_answers: ['{n} 家单位还没有答复', '{n} {n|partner has|partners have} not answered'],
  missing_accounts: ['{n} 家单位没有账号，无法答复', '{n} {n|partner has|partners have} no account to answer with'],
  missing_unserved_zones: ['{n} 个片区没有单位承接', '{n} {n|zone|zones} nobody serves'],
  missing_plans: ['还没有批准分配计划', 'No plan is approved'],
} as const
