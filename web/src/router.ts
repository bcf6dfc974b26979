import { nextTick } from 'vue'
import { createRouter, createWebHistory } from 'vue-router'
import { i18n } from '@/i18n'
import { isAdmin, session } from '@/lab/session'
import ContainerScreen from '@/screens/ContainerScreen.vue'
import ContainersScreen from '@/screens/ContainersScreen.vue'
import ImagesScreen from '@/screens/ImagesScreen.vue'
import LoginScreen from '@/screens/LoginScreen.vue'
import LostScreen from '@/screens/LostScreen.vue'
import NewScreen from '@/screens/NewScreen.vue'
import OverviewScreen from '@/screens/OverviewScreen.vue'
import RegisterScreen from '@/screens/RegisterScreen.vue'

declare module 'vue-router' {
  interface RouteMeta {
    title: string
    open?: boolean // for everybody
    admin?: boolean
    bare?: boolean // without the rail
  }
}

// What everybody needs comes at once, the rest when it is wanted. The page lives at / and under /ui, because /containers, /images and /devices are the contract's.
export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', name: 'overview', component: OverviewScreen, meta: { title: 'nav.overview' } },
    { path: '/ui/login', name: 'login', component: LoginScreen, meta: { title: 'auth.logIn', open: true, bare: true } },
    { path: '/ui/register', name: 'register', component: RegisterScreen, meta: { title: 'auth.register', open: true, bare: true } },
    { path: '/ui/new', name: 'new', component: NewScreen, meta: { title: 'new.title' } },
    { path: '/ui/containers', name: 'containers', component: ContainersScreen, meta: { title: 'nav.containers' } },
    { path: '/ui/containers/:cid(\\d+)/:tab?', name: 'container', component: ContainerScreen, props: true, meta: { title: 'nav.container' } },
    { path: '/ui/images', name: 'images', component: ImagesScreen, meta: { title: 'nav.images' } },
    { path: '/ui/matlab', name: 'matlab', component: () => import('@/screens/MatlabScreen.vue'), meta: { title: 'nav.matlab', admin: true } },
    { path: '/ui/admin/:tab?', name: 'admin', component: () => import('@/screens/AdminScreen.vue'), props: true, meta: { title: 'nav.admin', admin: true } },
    { path: '/ui/account', name: 'account', component: () => import('@/screens/AccountScreen.vue'), meta: { title: 'nav.account' } },
    { path: '/docs', name: 'docs', component: () => import('@/screens/DocsScreen.vue'), meta: { title: 'nav.docs', open: true } },
    { path: '/:rest(.*)*', name: 'lost', component: LostScreen, meta: { title: 'lost.title', open: true } },
  ],
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path || to.name === from.name ? {} : { top: 0 }),
})

router.beforeEach((to) => {
  if (!session.user && !to.meta.open) {
    return { name: 'login', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
  }
  if (to.meta.admin && !isAdmin()) return { name: 'overview' }
  if (session.user && to.meta.bare) return { name: 'overview' }
  return true
})

export function entitle(title: string) {
  document.title = title ? `${title} · Berth` : 'Berth'
}

router.afterEach((to, from) => {
  entitle(i18n.global.t(to.meta.title))
  if (!from.name || to.name === from.name) return
  // Whoever listens instead of looking starts at the new screen's heading.
  void nextTick(() => document.querySelector<HTMLElement>('main')?.focus({ preventScroll: true }))
})

// After a log-in: back to where one wanted to go, but only within this page.
export function nextAfterLogin(next: unknown) {
  return typeof next === 'string' && /^\/(?!\/)/.test(next) ? next : '/'
}
