// What `fnd diff` shows of a change: YAML, nothing that the server writes by itself, no secret.

import { describe, expect, it } from 'vitest'
import { diffOf } from '../../../src/kube/diff.ts'
import type { KubeObject } from '../../../src/kube/object.ts'

const config = (data: Record<string, string>, revision: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'rules',
    namespace: 'monitoring',
    resourceVersion: revision,
    managedFields: [{ manager: 'x' }],
  },
  data,
})
const secret = (password: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'grafana-admin', namespace: 'monitoring' },
  data: { password },
})

describe('the diff of a planned change', () => {
  it('shows the line that changes and leaves out what the server keeps for itself', () => {
    const [live, wanted] = [config({ interval: '15s' }, '1'), config({ interval: '30s' }, '2')]
    const text = diffOf({ change: 'configure', ref: live, live, wanted })
    expect(text).toContain('-  interval: 15s\n+  interval: 30s')
    expect(text).toContain('--- ConfigMap monitoring/rules (in the cluster)')
    expect(text).not.toMatch(/resourceVersion|managedFields/)
  })

  it('compares secrets by their fingerprints and never shows them', () => {
    const [live, wanted] = [secret('b2xkLXNlY3JldA=='), secret('bmV3LXNlY3JldA==')]
    const text = diffOf({ change: 'configure', ref: live, live, wanted })
    expect(text).toMatch(/-\s+password: \(secret, SHA-256 [0-9a-f]{8}\)\n\+\s+password: \(secret/)
    expect(text).not.toMatch(/b2xk|bmV3/)
  })

  it('shows a new object against nothing, and one that goes as removed', () => {
    const object = config({ a: 'b' }, '1')
    expect(diffOf({ change: 'create', ref: object, wanted: object })).toContain('--- /dev/null')
    expect(diffOf({ change: 'remove', ref: object, live: object })).toContain('+++ /dev/null')
  })

  it('is empty for what does not change', () => {
    const object = config({ a: 'b' }, '1')
    expect(diffOf({ change: 'unchanged', ref: object, live: object, wanted: object })).toBe('')
  })
})
