// Two pages from one source: console.html for planners, firms and auditors; rider.html for phones.
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import vue from '@vitejs/plugin-vue'
import { build, defineConfig, type Plugin, type Rolldown } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Writes .br and .gz for every text file, so that the server compresses nothing while it answers. */
function precompressed(): Plugin {
  return {
    name: 'precompressed',
    apply: 'build',
    async writeBundle({ dir = 'dist' }, bundle) {
      for (const name of Object.keys(bundle).filter((each) => /\.(js|mjs|css|html|svg|wasm|webmanifest)$/.test(each))) {
        const content = await readFile(join(dir, name))
        if (content.length < 1000) continue
        const quality = {
          params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
        }
        await writeFile(join(dir, `${name}.br`), brotliCompressSync(content, quality))
        await writeFile(join(dir, `${name}.gz`), gzipSync(content, { level: 9 }))
      }
    },
  }
}

/**
 * MapLibre calls its worker free of side effects, although it is nothing else: without this an empty file would be
 * left.
 */
function keptWhole(file: string): Plugin {
  return {
    name: 'kept-whole',
    enforce: 'pre',
    transform: {
      filter: { id: new RegExp(`${file.replace(/\./g, '\\.')}$`) },
      handler: (code) => ({ code, map: null, moduleSideEffects: 'no-treeshake' }),
    },
  }
}

/** Emits rider-worker.js, which keeps the rider's part of this build, and nothing else, on the phone. */
function riderWorker(): Plugin {
  return {
    name: 'rider-worker',
    apply: 'build',
    async generateBundle(_, bundle) {
      const reached = new Set<string>()
      const visit = (name: string): void => {
        const chunk = bundle[name]
        if (!chunk || reached.has(name)) return
        reached.add(name)
        if (chunk.type !== 'chunk') return
        const styles = Array.from(chunk.viteMetadata?.importedCss ?? [])
        for (const next of [...chunk.imports, ...chunk.dynamicImports, ...styles]) visit(next)
      }
      for (const chunk of Object.values(bundle))
        if (chunk.type === 'chunk' && chunk.isEntry && chunk.name === 'rider') visit(chunk.fileName)
      const files = [...Array.from(reached, (name) => `/${name}`), '/r', '/favicon.svg'].sort()
      const page = await readFile(here('rider.html'))
      const version = createHash('sha256').update(files.join()).update(page).digest('hex').slice(0, 12)
      const built = await build({
        configFile: false,
        root: here('.'),
        logLevel: 'error',
        publicDir: false,
        define: { SHELL: JSON.stringify({ version, files }) },
        build: {
          write: false,
          target: 'chrome90',
          lib: { entry: here('src/rider/worker.ts'), formats: ['es'], fileName: 'rider-worker' },
        },
      })
      const [output] = [built].flat() as Rolldown.RolldownOutput[]
      this.emitFile({ type: 'asset', fileName: 'rider-worker.js', source: output!.output[0].code })
    },
  }
}

export default defineConfig({
  root: here('.'),
  base: '/',
  plugins: [vue(), riderWorker(), precompressed()],
  // Every component is written with the composition API; the other one is left out of Vue.
  define: {
    __VUE_OPTIONS_API__: 'false',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
  },
  resolve: { alias: { '@': here('src') } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // Office browsers may be Chromium 90, and phones open links inside WeChat's own.
    target: 'chrome90',
    cssTarget: 'chrome90',
    assetsInlineLimit: 0, // data: URLs would need a wider content security policy
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    rolldownOptions: { input: { console: here('console.html'), rider: here('rider.html') } },
  },
  worker: {
    format: 'es',
    plugins: () => [keptWhole('maplibre-gl-worker.mjs')],
  },
  server: {
    port: Number(process.env.DISPATCH_WEB_PORT ?? 5173),
    strictPort: true,
    proxy: { '^/(api|problems)': { target: process.env.DISPATCH_API ?? 'http://127.0.0.1:8000' } },
  },
})
