// Compiles src/ to dist/ with tsc, then folds what every start needs (commander, the command table) into dist/main.cjs:
// one CommonJS file to load instead of forty modules keeps `fnd --help` near a bare node. Handlers stay files of their own.

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = resolve(root, 'dist')

rmSync(dist, { recursive: true, force: true })
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
const compiled = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
})
if (compiled.status !== 0) process.exit(1)

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

// tsc leaves the ending of a dynamic import alone inside a function that has `await using`: such a build would break at run time.
const unbuilt = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.name.endsWith('.js'))
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((file) => /import\(['"][^'"]*\.ts['"]\)/.test(readFileSync(file, 'utf8')))
if (unbuilt.length > 0) {
  console.error(
    `An import still names a .ts file; move it out of the function that has await using:\n${unbuilt.join('\n')}`,
  )
  process.exit(1)
}

/** Lazily imported files stay outside the bundle; their address is rewritten to be seen from dist/. */
const lazyImportsStayOutside = {
  name: 'lazy-imports-stay-outside',
  setup(bundler) {
    bundler.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) =>
      kind === 'dynamic-import'
        ? { path: `./${relative(dist, resolve(resolveDir, path))}`, external: true }
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
  entryPoints: [resolve(dist, 'main.js')],
  outfile: resolve(dist, 'main.cjs'),
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  minify: true,
  legalComments: 'inline',
  define: { 'import.meta.dirname': '__dirname' },
  plugins: [lazyImportsStayOutside, noChildProcess],
  logLevel: 'warning',
})
rmSync(resolve(dist, 'main.js'))

// In a clone, `npx fnd` finds its own program at once instead of installing the folder into npm's cache first.
const ownLink = resolve(root, 'node_modules/.bin/fnd')
if (process.platform !== 'win32' && existsSync(dirname(ownLink))) {
  rmSync(ownLink, { force: true })
  symlinkSync('../../bin/fnd.js', ownLink)
}
