import { expect, it } from 'vitest'
import { readableLine } from '../../../src/commands/backend-log.ts'
import { createPaint } from '../../../src/output/paint.ts'

const plain = createPaint(false)
const time = '2026-11-27T10:04:05.000Z'
const clock = new Date(time).toTimeString().slice(0, 8)
const read = (entry: object) => readableLine(JSON.stringify({ level: 'info', time, ...entry }), plain)

it('a request is its method, route, status and time', () => {
  const request = {
    msg: 'request',
    method: 'POST',
    route: '/predict',
    status: 200,
    ms: 34.1,
    requestId: 'a1',
  }
  expect(read(request)).toBe(`${clock} POST /predict 200 34.1 ms`)
})

it('a request that does not tell all four is its message and fields', () => {
  expect(read({ msg: 'request', method: 'POST', status: 200 })).toBe(
    `${clock} request method=POST status=200`,
  )
})

it('anything else is its level, message and fields', () => {
  expect(read({ level: 'warn', msg: 'no model yet', error: { code: 'FND_X' }, requestId: 'a1' })).toBe(
    `${clock} warn no model yet error={"code":"FND_X"} requestId=a1`,
  )
})

it.each(['[fnd] backend went down: killed by SIGKILL', '{"not": "an entry"}', '{broken', ''])(
  'what is no entry stays as it is: %s',
  (line) => expect(readableLine(line, plain)).toBe(line),
)

const steering = '\u001b[2Jgone\nfaked line'

it.each([
  { msg: 'refused', cause: steering },
  { msg: 'request', method: 'POST', route: steering, status: 200, ms: 1 },
  { msg: 'request', method: steering, route: '/predict', status: 200, ms: 1 },
])('what was escaped does not steer the terminal: %j', (entry) => {
  expect(read(entry)).toContain('gone faked line')
  expect(read(entry)).not.toMatch(/\p{Cc}/u)
})
