// What must never leave the machine in a bug report.

import { describe, expect, it } from 'vitest'
import { redact } from '../../../src/support/redact.ts'

const rules = { secrets: ['correct-horse-battery'], home: '/home/ada' }

describe('redaction', () => {
  it.each([
    ['a known secret', 'key=correct-horse-battery', 'key=(secret removed)'],
    ['a known secret in base64', Buffer.from('correct-horse-battery').toString('base64'), '(secret removed)'],
    ['an article text', '{"text":"The mayor said \\"no\\" today","n":1}', '{"text":"(text removed)","n":1}'],
    ['a list of texts', '{"texts":["one text","two texts"]}', '{"texts":"(text removed)"}'],
    ['a password field', '{"password": "hunter2"}', '{"password": "(secret removed)"}'],
    [
      'an authorization header',
      'authorization: Basic YWRtaW46c2VjcmV0',
      'authorization: Basic (secret removed)',
    ],
    ['an address with a login', 'https://ada:pw@host/x', 'https://(secret removed)@host/x'],
    ['an AWS key id', 'id AKIAABCDEFGHIJKLMNOP', 'id (secret removed)'],
    ['the home folder', '/home/ada/.local/state', '~/.local/state'],
  ])('removes %s', (_, text, clean) => expect(redact(text, rules)).toBe(clean))

  it('removes a private key over several lines', () => {
    const key = `-----BEGIN ${'PRIVATE'} KEY-----\nabc\ndef\n-----END ${'PRIVATE'} KEY-----`
    expect(redact(`before ${key} after`, rules)).toBe('before (secret removed) after')
  })

  it('leaves ordinary lines as they are', () => {
    const line = '{"level":"info","msg":"request completed","route":"/predict","status":200}'
    expect(redact(line, rules)).toBe(line)
  })
})
