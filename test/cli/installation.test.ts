// What `npm install` runs of others: nothing that downloads, whichever npm it is.

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

it('the install script of onnxruntime-node ends before it fetches CUDA libraries', () => {
  const folder = dirname(dirname(fileURLToPath(import.meta.resolve('onnxruntime-node'))))
  // As npm 10 runs it for a dependency; fetching, it would fail or leave the file.
  const env = { PATH: process.env.PATH, npm_package_json: join(folder, 'package.json') }
  execFileSync(process.execPath, ['script/install.js'], { cwd: folder, env, stdio: 'pipe', timeout: 30_000 })
  expect(existsSync(join(folder, 'bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so'))).toBe(false)
})
