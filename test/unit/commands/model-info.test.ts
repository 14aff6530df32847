// `fnd model info` on a terminal: what a bucket says cannot steer it.

import { expect, test } from 'vitest'
import { renderInfo } from '../../../src/commands/model/info/render.ts'
import { createPaint } from '../../../src/output/paint.ts'

test('control characters of a manifest or of a history are not printed', () => {
  const evil = '\u001b[2J\u0007gone\nnext line'
  const shown = renderInfo(
    {
      source: 's3://models/toy#production',
      name: 'toy',
      version: evil,
      sha256: 'ab',
      pushed: { at: '2026-01-01T00:00:00Z', by: evil },
      files: [],
      selfTest: 0,
      licence: evil,
      history: [{ at: '2026-01-01T00:00:00Z', by: evil, to: '1', kind: 'promote', why: evil }],
    },
    createPaint(false),
  )
  for (const line of shown.split('\n')) expect(line).not.toMatch(/\p{Cc}|^next line/u)
})
