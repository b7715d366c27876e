// Addresses of the console. Whether the caller may see a page is drawn by App.vue; the server refuses the data anyway.
import { nextTick } from 'vue'
import { createRouter, createWebHistory } from 'vue-router'
import { say } from '@/messages'
import { COMMON } from '@/messages/common'
import { isCityWide, role } from '@/session'
import { homeOf, PAGES, type Page } from './pages'

declare module 'vue-router' {
  interface RouteMeta {
    page?: Page
  }
}

export const router = createRouter({
  history: createWebHistory('/'),
  routes: [
    { path: '/', name: 'home', component: { render: () => null } },
    ...PAGES.map((page) => ({ path: page.path, name: page.name, component: page.component, meta: { page } })),
    { path: '/:rest(.*)*', name: 'missing', component: { render: () => null } },
  ],
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
})

/** Where the person is heading. A page that is still being fetched is not in `currentRoute` yet. */
let heading = ''
router.beforeEach((to) => void (heading = to.path))
const stays = (to: { path: string }) => {
  if (heading === to.path) heading = router.currentRoute.value.path
}
router.onError((_, to) => stays(to))
router.afterEach((to, _, failure) => void (failure && stays(to)))
/** Whether another page was chosen and is on its way: nothing of this one may call the person back. */
export const isLeaving = () => heading !== router.currentRoute.value.path
/** Called before something that lasts; what it returns says whether the person has stayed on the page meanwhile. */
export function staying(): () => boolean {
  const from = heading
  return () => heading === from
}

router.beforeEach((to) => {
  if (to.name !== 'home' || !role.value) return true
  const home = homeOf(role.value, isCityWide.value)
  return home ? { path: home.path, replace: true } : true
})

router.afterEach((to, from) => {
  document.title = to.meta.page ? `${say(to.meta.page.title)} · Dispatch` : say(COMMON.title)
  // A new page is read from its heading on; a change of the query (a filter, a chosen row) leaves the focus alone.
  if (from.name && to.path !== from.path)
    void nextTick(() => document.getElementById('page-title')?.focus({ preventScroll: true }))
})
