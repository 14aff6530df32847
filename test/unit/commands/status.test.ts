// How `fnd status` tells pods apart, and why something is missing.

import { expect, it } from 'vitest'
import { renderStatus } from '../../../src/commands/status/render.ts'
import { createPaint } from '../../../src/output/paint.ts'

const pod = (component: 'backend' | 'grafana', instance: string, more: object = {}) => ({
  component,
  instance,
  state: 'running' as const,
  restarts: 0,
  ...more,
})

it('names the pods of a component by what tells them apart; a reason stands below, within the width', () => {
  const reason = `its image grafana/grafana:12 is neither in the cluster nor in Docker: ${'x '.repeat(40)}`
  const text = renderStatus(
    {
      name: 'fnd',
      runtime: 'kind',
      state: 'degraded',
      components: [
        pod('backend', 'backend-6d9f5c7b8-x2k4p'),
        pod('backend', 'backend-6d9f5c7b8-q7r9s'),
        { ...pod('grafana', '-', { reason }), state: 'missing' },
      ],
      notes: [],
    },
    createPaint(false),
    80,
  )
  expect(text).toMatch(/backend x2k4p +running.*backend q7r9s +running/s)
  expect(text).toMatch(/grafana +missing.*\n {4}its image grafana/)
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
})
