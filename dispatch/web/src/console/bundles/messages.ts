// Texts of bundles: looking one up, its way, labels.
import { DESK } from '../stock/messages.firm'

const { kind_receipt, kind_issue, kind_acceptance, kind_transfer, kind_return, kind_write_off, kind_activity, kind_variance, kind_reversal } = DESK
const { holder_printer, holder_depot, holder_transit, holder_outlet, holder_rider, holder_activity, holder_written_off, holder_variance, with_code } = DESK
export const BUNDLES = {
  kind_receipt, kind_issue, kind_acceptance, kind_transfer, kind_return, kind_write_off, kind_activity, kind_variance, kind_reversal,
  holder_printer, holder_depot, holder_transit, holder_outlet, holder_rider, holder_activity, holder_written_off, holder_variance, with_code,
  page: ['箱捆查询', 'Find a bundle'],
  page_note: ['扫描或输入捆号，查看它在哪里、是否拆开、经过哪些人手。', 'Scan or type a bundle’s code to see where it is, whether it is sealed, and its whole way.'],
  code_label: ['捆号', 'Bundle code'],
  find: ['查询', 'Find'],
  not_found: ['没有这捆，或不在您的范围内。', 'There is no such bundle here, or it is not yours to see.'],
  sealed: ['未拆', 'sealed'],
  opened: ['已拆', 'opened'],
  carton: ['所在箱', 'Carton'],
  run: ['印制批次', 'Print run'],
  copies_in: ['每捆份数', 'Copies'],
  now_at: ['现在', 'Now at'],
  way: ['经过', 'Way'],
  waybill_no: ['交接单 {code}', 'waybill {code}'],
  labels_page: ['箱捆标签', 'Carton and bundle labels'],
  labels_note: ['印制批次 {run}，{material}：共 {cartons} 箱。标签只供内部清点交接，不面向群众。', 'Print run {run}, {material}: {cartons} {cartons|carton|cartons}. For counting and handing over only, never for residents.'],
  first_carton: ['从第几箱', 'First carton'],
  how_many: ['箱数', 'Cartons'],
  show: ['显示', 'Show'],
  with_bundles: ['含捆标签', 'With bundles'],
  label_carton: ['箱', 'Carton'],
  label_bundle: ['捆', 'Bundle'],
  label_copies: ['{n} 份', '{n} copies'],
  label_bundles: ['{bundles} 捆 {n} 份', '{bundles} bundles, {n} copies'],
  label_internal: ['内部交接用', 'internal'],
  none: ['这个批次还没有收货，没有箱捆。', 'Nothing of this run has been received; there are no bundles yet.'],
} as const
