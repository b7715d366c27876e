// What a page of the console declares. Each slice lists its own in a pages*.ts next to its components.
import type { Component } from 'vue'
import type { Text } from '@/messages'
import type { Role } from '@/session'

/** Groups of the menu, in their order. */
export const GROUPS = ['overview', 'ground', 'campaign', 'distribution', 'review', 'system'] as const
export type Group = (typeof GROUPS)[number]

export interface Page {
  path: string
  /** Operation or noun of the slice; unique. */
  name: string
  title: Text
  roles: readonly Role[]
  /** Left out: not in the menu. */
  group?: Group
  /** Order within the group. */
  order?: number
  /** For people of the whole city only, not of a district. */
  city?: boolean
  /** The first of these that a role may see is its home. */
  home?: boolean
  /** Without the frame of head and menu: big screen, sheets to print. */
  bare?: boolean
  /** Also for somebody who has not signed in. */
  open?: boolean
  /** Makes sense without a campaign. */
  noCampaign?: boolean
  component: () => Promise<{ default: Component }>
}

// Collected rather than listed: a slice's pages are added and removed in the slice's own folder.
const modules = import.meta.glob('./*/pages*.ts', { eager: true, import: 'PAGES' }) as Record<string, readonly Page[]>
export const PAGES: readonly Page[] = Object.values(modules).flat()

/** Whether somebody of this role and scope may open the page. */
export const isFor = (page: Page, role: Role | null, cityWide: boolean): boolean =>
  role !== null && page.roles.includes(role) && (!page.city || cityWide)

/** The menu of a role: groups that hold something, with their pages in order. */
export function menuOf(role: Role | null, cityWide: boolean): { group: Group; pages: Page[] }[] {
  return GROUPS.map((group) => ({
    group,
    pages: PAGES.filter((page) => page.group === group && isFor(page, role, cityWide)).sort(
      (a, b) => (a.order ?? 99) - (b.order ?? 99),
    ),
  })).filter(({ pages }) => pages.length)
}

/** Where a role begins. */
export function homeOf(role: Role | null, cityWide: boolean): Page | undefined {
  const pages = menuOf(role, cityWide).flatMap((each) => each.pages)
  return pages.find((page) => page.home) ?? pages[0]
}
