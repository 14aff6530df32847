// Reads request bodies: plain UTF-8 JSON and nothing else, so that no text is silently garbled.

import type { FastifyInstance, FastifyRequest } from 'fastify'
import { FndError } from '../errors/error.ts'
import { mediaTypeOf } from './problems.ts'

const OTHER_CHARSET = /;\s*charset\s*=\s*"?(?!utf-?8\b)/i

/** Replaces Fastify's own body parsers. */
export function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => {
      const coding = request.headers['content-encoding']
      if (coding !== undefined && coding !== 'identity')
        throw new FndError('FND_MEDIA_TYPE', { given: `encoded as ${coding.slice(0, 40)}` })
      if (OTHER_CHARSET.test(request.headers['content-type'] ?? ''))
        throw new FndError('FND_MEDIA_TYPE', { given: mediaTypeOf(request) })
      return parse(body)
    },
  )
}

function parse(body: Buffer): unknown {
  try {
    // Not the parser's message: it quotes the body, and bodies hold articles.
    return JSON.parse(
      typeof body === 'string' ? body : new TextDecoder('utf-8', { fatal: true }).decode(body),
    )
  } catch {
    throw new FndError('FND_REQUEST_INVALID', { field: 'body', expected: 'valid JSON in UTF-8' })
  }
}
