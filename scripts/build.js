// Builds dist/ with esbuild: each file of src/ as a module of its own, and what every start needs (commander, the
// command table) folded into dist/main.cjs, since one CommonJS file to load keeps `fnd --help` near a bare node.
// Types are checked by `npm run typecheck`, not here: an install is to be quick.

import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const src = resolve(root, 'src')
const dist = resolve(root, 'dist')
const main = resolve(src, 'main.ts')
/** What runs in the browser that shows a report. */
const page = 'commands/report/browser'

rmSync(dist, { recursive: true, force: true })
mkdirSync(dist)
writeFileSync(resolve(dist, 'COMMIT'), commit())

/** Short hash of the commit that is built, `-dirty` with changes on top; `unknown` outside a repository. */
function commit() {
  try {
    const options = { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }
    return execFileSync('git', ['describe', '--always', '--dirty', '--exclude=*'], options).trim()
  } catch {
    return 'unknown'
  }
}

const common = { bundle: true, platform: 'node', target: 'node20.19', logLevel: 'warning' }

/** What a file of src/ imports from src/ stays a file of its own, and is called by its built name; data goes in. */
const filesStayApart = {
  name: 'files-stay-apart',
  setup(bundler) {
    bundler.onResolve({ filter: /^\..*\.ts$/ }, ({ path }) => ({
      path: path.replace(/\.ts$/, '.js'),
      external: true,
    }))
  },
}

await build({
  ...common,
  entryPoints: readdirSync(src, { recursive: true })
    .filter((file) => file.endsWith('.ts') && !file.startsWith(page))
    .map((file) => resolve(src, file))
    .filter((file) => file !== main),
  outbase: src,
  outdir: dist,
  format: 'esm',
  packages: 'external',
  plugins: [filesStayApart],
})

/** Lazily imported files stay outside the bundle; their address is rewritten to be seen from dist/. */
const lazyImportsStayOutside = {
  name: 'lazy-imports-stay-outside',
  setup(bundler) {
    bundler.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) =>
      kind === 'dynamic-import'
        ? { path: `./${relative(src, resolve(resolveDir, path)).replace(/\.ts$/, '.js')}`, external: true }
        : undefined,
    )
  },
}

/** commander loads this for subcommands that are programs of their own; fnd has none, and it is a third of a start. */
const noChildProcess = {
  name: 'no-child-process',
  setup(bundler) {
    bundler.onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      importer.includes('/commander/') ? { path: 'child_process', namespace: 'unused' } : undefined,
    )
    bundler.onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'module.exports = {}' }))
  },
}

await build({
  ...common,
  entryPoints: [main],
  outfile: resolve(dist, 'main.cjs'),
  format: 'cjs',
  minify: true,
  legalComments: 'inline',
  define: { 'import.meta.dirname': '__dirname' },
  plugins: [lazyImportsStayOutside, noChildProcess],
})

// The report's page carries its script and styles, the chart library among them, and that library's licence.
await build({
  bundle: true,
  entryPoints: [resolve(src, page, 'charts.ts'), resolve(src, page, 'page.css')],
  outdir: resolve(dist, page),
  format: 'iife',
  minify: true,
  target: ['chrome111', 'firefox113', 'safari16.4'],
  logLevel: 'warning',
})
copyFileSync(resolve(root, 'node_modules/uplot/LICENSE'), resolve(dist, page, 'LICENSE.uPlot'))

// In a clone, `npx fnd` finds its own program at once instead of installing the folder into npm's cache first.
const ownLink = resolve(root, 'node_modules/.bin/fnd')
if (process.platform !== 'win32' && existsSync(dirname(ownLink))) {
  rmSync(ownLink, { force: true })
  symlinkSync('../../bin/fnd.js', ownLink)
}
