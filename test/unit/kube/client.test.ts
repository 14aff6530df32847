// Which cluster is meant, where there is no kubeconfig or not the context that was named.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { connect } from '../../../src/kube/client.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'fnd-kubeconfig-'))
  vi.stubEnv('HOME', home)
  vi.stubEnv('KUBECONFIG', undefined)
  vi.stubEnv('KUBERNETES_SERVICE_HOST', undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(home, { recursive: true })
})

const never = new AbortController().signal

it('names no context where there is no kubeconfig at all', async () => {
  const answer = expect.objectContaining({
    code: 'FND_CONTEXT_MISSING',
    hint: 'Point KUBECONFIG to a kubeconfig that has one.',
  })
  await expect(connect({ context: 'x' }, never)).rejects.toEqual(answer)
  await expect(connect({}, never)).rejects.toEqual(answer)
})

it('names those of the kubeconfig', async () => {
  const kubeconfig = join(home, 'config')
  const contexts = 'contexts: [{ name: mine, context: { cluster: a, user: b } }]'
  writeFileSync(
    kubeconfig,
    `clusters: [{ name: a, cluster: { server: "https://a" } }]\nusers: [{ name: b, user: {} }]\n${contexts}\n`,
  )
  await expect(connect({ kubeconfig, context: 'x' }, never)).rejects.toMatchObject({
    message: "The kubeconfig has no context 'x'",
    hint: 'Name one of its contexts with --context: mine',
  })
})
