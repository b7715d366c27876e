// Separate from vite.config.ts because building the pages must not need a test tool installed.
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { '@': fileURLToPath(new URL('src', import.meta.url)) } },
  test: { include: ['src/**/*.spec.ts'], environment: 'jsdom', restoreMocks: true, passWithNoTests: true },
})
