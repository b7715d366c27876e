// The property names that are read from a file of zones, as the page lists them; a test holds both equal.
import type { Text } from '@/messages'

export const ZONE_PROPERTIES: readonly { title: Text; names: readonly string[] }[] = [
  {
    title: ['代码（必填；12 位区划代码同时就是区划）', 'Code (needed; one of twelve digits is the division too)'],
    names: ['code', '代码', '编码', '片区代码', '片区编码', 'zone_code'],
  },
  { title: ['名称（必填）', 'Name (needed)'], names: ['name', '名称', '片区名称', '片区', 'zone_name'] },
  {
    title: ['行政区划', 'Division'],
    names: ['division_code', '行政区划代码', '区划代码', 'adcode', 'district_code', '区县代码'],
  },
  {
    title: ['区县名称', 'Name of the district'],
    names: ['district_name', '区县', 'district', '区县名称', '所属区县', '区'],
  },
  {
    title: ['派出所', 'Police station'],
    names: ['police_station', '派出所', 'police_station_code', '所属派出所', '辖区派出所', '派出所名称'],
  },
  { title: ['类型', 'Kind'], names: ['kind', '类型', '片区类型'] },
  { title: ['户数', 'Households'], names: ['households', '户数', '总户数', '常住户数'] },
  { title: ['人口', 'People'], names: ['population', '人口', '常住人口', '人口数'] },
  { title: ['户数来源', 'Source'], names: ['households_source', '户数来源', 'source', '来源', '数据来源'] },
  {
    title: ['户数截止日期', 'As of'],
    names: ['households_as_of', '户数截止日期', 'as_of', '截止日期', '截止时间', '数据日期'],
  },
]
