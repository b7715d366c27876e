// Addresses of the console. Whether the caller may see a page is drawn by App.vue; the server refuses the data anyway.
import { nextTick } from 'vue'
import { createRouter, createWebHistory } from 'vue-router'
import { say } from '@/messages'
import { isCityPlanner, role } from '@/session'
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

router.beforeEach((to) => {
  if (to.name !== 'home' || !role.value) return true
  const home = homeOf(role.value, isCityPlanner.value)
  return home ? { path: home.path, replace: true } : true
})

router.afterEach((to, from) => {
  document.title = to.meta.page ? `${say(to.meta.page.title)} · Dispatch` : 'Dispatch'
  // A new page is read from its heading on; a change of the query (a filter, a chosen row) leaves the focus alone.
  if (from.name && to.path !== from.path) void nextTick(() => document.getElementById('page-title')?.focus({ preventScroll: true }))
})
