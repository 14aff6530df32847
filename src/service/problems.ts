// Every failed request becomes an RFC 9457 problem document, made from the one catalogue of errors.

import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { ERRORS, type ErrorCode } from '../errors/catalogue.ts'
import { FndError, toFndError } from '../errors/error.ts'
import type { problem, textProblem } from './contract.ts'
import { CLIENT_LEFT } from './metrics.ts'
import { PROBLEM_JSON } from './schemas.ts'

export type Problem = z.infer<typeof problem>
export type TextProblem = z.infer<typeof textProblem>

/** HTTP status of each error that a request can end with; every other one is a defect of ours, 500. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  FND_REQUEST_INVALID: 400,
  FND_TEXT_INVALID: 400,
  FND_TEXT_TOO_SHORT: 400,
  FND_TEXT_TOO_LONG: 400,
  FND_UNAUTHORIZED: 401,
  FND_ROUTE_UNKNOWN: 404,
  FND_METHOD_NOT_ALLOWED: 405,
  FND_BODY_TOO_LARGE: 413,
  FND_MEDIA_TYPE: 415,
  FND_RATE_LIMITED: 429,
  FND_INTERRUPTED: CLIENT_LEFT,
  FND_QUEUE_FULL: 503,
  FND_DEADLINE: 503,
  FND_DRAINING: 503,
  FND_NOT_READY: 503,
}

/** Errors about the text itself, whose field is therefore known. */
const TEXT_ERRORS: ReadonlySet<ErrorCode> = new Set([
  'FND_TEXT_INVALID',
  'FND_TEXT_TOO_SHORT',
  'FND_TEXT_TOO_LONG',
])

/** The status of an error, 500 for what is no fault of the caller and no overload. */
export function statusOf(error: FndError): number {
  return STATUS[error.code] ?? 500
}

/** The problem document of an error. What happened inside on a defect is for the log, not for the caller. */
export function problemOf(error: FndError, requestId: string): Problem {
  const shown = shownOf(error)
  return {
    type: `urn:fnd:error:${shown.code}`,
    title: ERRORS[shown.code].summary,
    status: statusOf(error),
    detail: shown.message,
    hint: shown.hint,
    code: shown.code,
    ...fieldOf(shown),
    params: { ...shown.params },
    requestId,
  }
}

/** The problem of one text of a batch. */
export function textProblemOf(error: FndError, index: number): TextProblem {
  const { code, message, hint, params } = shownOf(error)
  return { code, detail: message, hint, field: `texts/${index}`, params: { ...params } }
}

const shownOf = (error: FndError): FndError =>
  statusOf(error) === 500 ? new FndError('FND_INTERNAL', { what: 'see the log of the backend' }) : error

/** Answers a request with the problem document of whatever was thrown. */
export function sendProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = fromFastify(thrown, request)
  const status = statusOf(error)
  if (status === 500) logDefect(thrown, request)
  const { params } = error
  if ('retryAfter' in params) reply.header('retry-after', Math.max(1, Math.ceil(params.retryAfter)))
  if ('allow' in params) reply.header('allow', params.allow.join(', '))
  if (status === 401) reply.header('www-authenticate', 'ApiKey header="X-API-Key"')
  // A body that was refused unread would be taken for the next request on this connection.
  if (status === 413) reply.header('connection', 'close')
  return reply.code(status).type(PROBLEM_JSON).send(problemOf(error, request.id))
}

function fieldOf(error: FndError): { field?: string } {
  if (TEXT_ERRORS.has(error.code)) return { field: 'text' }
  return 'field' in error.params ? { field: error.params.field } : {}
}

/** Fastify's own errors in the terms of the catalogue; the unknown with a 4xx status stays the caller's fault. */
function fromFastify(thrown: unknown, request: FastifyRequest): FndError {
  if (thrown instanceof FndError || !isFastifyError(thrown)) return toFndError(thrown)
  const cause = { cause: thrown }
  if (thrown.validation) return new FndError('FND_REQUEST_INVALID', expectationOf(thrown), cause)
  if (thrown.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new FndError('FND_BODY_TOO_LARGE', { limit: request.routeOptions.bodyLimit ?? 0 }, cause)
  if (thrown.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new FndError('FND_MEDIA_TYPE', { given: mediaTypeOf(request) }, cause)
  const status = thrown.statusCode ?? 500
  if (status >= 400 && status < 500)
    return new FndError('FND_REQUEST_INVALID', { field: 'request', expected: expectedOf(thrown) }, cause)
  return toFndError(thrown)
}

const isFastifyError = (thrown: unknown): thrown is FastifyError =>
  thrown instanceof Error && ('statusCode' in thrown || 'validation' in thrown)

/** What the caller called its body: shown back short, so that a problem stays a line. */
export function mediaTypeOf(request: FastifyRequest): string {
  return (request.headers['content-type'] ?? 'of no named type').slice(0, 60)
}

function expectedOf(error: FastifyError): string {
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return 'a body as long as its Content-Length says'
    case 'FST_ERR_BAD_URL':
      return 'a well-formed address (a % must begin an escape such as %20)'
    default:
      return 'a well-formed HTTP request'
  }
}

/** Which field was wrong and what was expected there, from the validator's findings. */
function expectationOf(error: FastifyError): { field: string; expected: string } {
  const findings = error.validation ?? []
  const first = findings[0]
  if (!first) return { field: error.validationContext ?? 'request', expected: 'something else' }
  const at = first.instancePath.slice(1)
  const under = (name: unknown) => (at ? `${at}/${String(name)}` : String(name))
  switch (first.keyword) {
    case 'required':
      return { field: under(first.params.missingProperty), expected: 'a value: it is required' }
    case 'additionalProperties':
      return {
        field: under(first.params.additionalProperty).slice(0, 60),
        expected: 'nothing: there is no such field',
      }
    default: {
      const alternatives = findings.flatMap((finding) => accepted(finding.keyword, finding.params))
      const expected = alternatives.length ? alternatives.join(' or ') : (first.message ?? 'something else')
      return { field: at || 'body', expected: expected.replace(/^must /, 'it to ') }
    }
  }
}

function accepted(keyword: string, params: Record<string, unknown>): string[] {
  switch (keyword) {
    case 'type':
      return [String(params.type)]
    case 'enum':
      return Array.isArray(params.allowedValues) ? params.allowedValues.map((value) => `"${value}"`) : []
    case 'minItems':
      return [`at least ${params.limit} item${params.limit === 1 ? '' : 's'}`]
    case 'maxItems':
      return [`at most ${params.limit} items`]
    default:
      return []
  }
}

/** Logs a defect: where it happened. Its message could hold a piece of the text, so it is shown at level debug only. */
export function logDefect(thrown: unknown, request: FastifyRequest): void {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const frames = (error.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '))
  const message = request.log.level === 'debug' ? { message: error.message } : {}
  const defect = { name: error.name, ...message, at: frames.map((line) => line.trim()) }
  request.log.error({ defect }, 'defect')
}
