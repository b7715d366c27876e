/// <reference lib="webworker" />
// Keeps the rider's page on the phone under one name per build, so that it opens without signal. Nothing of the API
// is kept here.
declare const self: ServiceWorkerGlobalScope
declare const SHELL: { version: string; files: string[] }
const { version, files } = SHELL
const NAME = `rider-${version}`

self.addEventListener('install', (event) => event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(files))))
self.addEventListener('activate', (event) =>
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names.filter((name) => name.startsWith('rider-') && name !== NAME).map((name) => caches.delete(name)),
        ),
      )
      .then(() => self.clients.claim()),
  ),
)
self.addEventListener('message', (event) => {
  if (event.data === 'take-over') void self.skipWaiting()
})
self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url)
  if (event.request.method !== 'GET' || url.origin !== self.location.origin || url.pathname.startsWith('/api/')) return
  const kept = event.request.mode === 'navigate' ? '/r' : event.request
  event.respondWith(
    caches
      .match(kept, { cacheName: NAME, ignoreSearch: event.request.mode === 'navigate' })
      .then((stored) => stored ?? fetch(event.request)),
  )
})
export {}
