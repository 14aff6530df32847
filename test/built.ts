// Worker threads and the program itself run from dist/: build once before any test.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export function setup(): void {
  if (process.env.FND_TEST_PREBUILT) return
  execFileSync(process.execPath, ['scripts/build.js'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: 'inherit',
  })
}
