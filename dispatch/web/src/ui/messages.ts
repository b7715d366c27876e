// Texts of the shared components.
export const UI = {
  problem_generic: ['请求未被接受', 'Not accepted'],
  problem_where: ['位置：{where}', 'Where: {where}'],
  row: ['第 {n} 行', 'Row {n}'],
  faults_more: ['另有 {n} 处', '{n} more'],
  details: ['服务器原文', 'Details'],
  listed: ['、', ', '],
  copies_of: ['{n} 份', '{n} copies'],
  choose_file: ['选择文件', 'Choose a file'],
  drop_file: ['或把文件拖到这里', 'or drop it here'],
  no_rows_found: ['没有符合条件的内容', 'Nothing matches'],
  chart_table: ['查看数据表', 'Show as a table'],
  sorted_up: ['升序', 'ascending'],
  sorted_down: ['降序', 'descending'],
} as const
