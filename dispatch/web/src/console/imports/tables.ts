// Which tables can be brought in, where they are sent, and what each one is for.
import type { Text } from '@/messages'
import { IMPORTS } from './messages'

export type TableKey =
  'households' | 'incidents' | 'priority-groups' | 'partners' | 'outlets' | 'riders' | 'depots' | 'capacity'

export interface ImportTable {
  key: TableKey
  title: Text
  /** What the table says, in a sentence. */
  about: Text
  /** Where it is sent; capacity belongs to a campaign. */
  path: (campaignId: string) => string
}

const plain = (key: TableKey, title: Text, about: Text, path: string): ImportTable => ({
  key,
  title,
  about,
  path: () => path,
})

export const TABLES: Readonly<Record<TableKey, ImportTable>> = {
  households: plain('households', IMPORTS.households, IMPORTS.households_about, '/api/zones/households/import'),
  incidents: plain('incidents', IMPORTS.incidents, IMPORTS.incidents_about, '/api/zones/incidents/import'),
  'priority-groups': plain(
    'priority-groups',
    IMPORTS.priority_groups,
    IMPORTS.priority_groups_about,
    '/api/zones/priority-groups/import',
  ),
  partners: plain('partners', IMPORTS.partners, IMPORTS.partners_about, '/api/partners/import'),
  outlets: plain('outlets', IMPORTS.outlets, IMPORTS.outlets_about, '/api/outlets/import'),
  riders: plain('riders', IMPORTS.riders, IMPORTS.riders_about, '/api/riders/import'),
  depots: plain('depots', IMPORTS.depots, IMPORTS.depots_about, '/api/depots/import'),
  capacity: {
    key: 'capacity',
    title: IMPORTS.capacity,
    about: IMPORTS.capacity_about,
    path: (id) => `/api/campaigns/${id}/capacity/import`,
  },
}

export const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
export const ACCEPTED = '.xlsx,.csv,text/csv'

/** What a file is sent as. Windows has its own ideas of a CSV's type, so the name decides. */
export const mediaTypeOf = (name: string): string => (/\.xls[xm]$/i.test(name) ? XLSX : 'text/csv')

/** A refused file's name as it comes back. */
export const returnedName = (name: string, word: string): string => `${name.replace(/\.[^.]+$/, '')}-${word}.xlsx`

/** A table of one row, in CSV. */
export function oneRow(values: Readonly<Record<string, string>>): string {
  const quoted = (cell: string) => `"${cell.trim().replace(/"/g, '""')}"`
  return `${Object.keys(values).join(',')}\n${Object.values(values).map(quoted).join(',')}\n`
}
