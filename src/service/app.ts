// The HTTP application, apart from listening: routes, guards, problem documents, counting and the log of requests.

import { randomUUID } from 'node:crypto'
import cors from '@fastify/cors'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  LogController,
} from 'fastify'
import type { Settings } from '../config/schema.ts'
import { FndError, reportOf, toFndError } from '../errors/error.ts'
import { createAnswering } from './answering.ts'
import { createGuard } from './guard.ts'
import { readJsonBodies } from './json-body.ts'
import { CLIENT_LEFT, type ServiceMetrics, UNKNOWN_ROUTE } from './metrics.ts'
import type { ModelHost } from './model-host.ts'
import { describeApi } from './openapi.ts'
import { problemOf, sendProblem } from './problems.ts'
import { analyzeRoute } from './routes/analyze.ts'
import { batchRoute } from './routes/batch.ts'
import { metricsRoute } from './routes/metrics.ts'
import { predictRoute } from './routes/predict.ts'
import { probeRoutes } from './routes/probes.ts'
import { PROBLEM_JSON, sharedSchemas } from './schemas.ts'

export interface AppOptions {
  settings: Settings['backend']
  model: ModelHost
  metrics: ServiceMetrics
  version: string
  /** Where requests are logged; nothing is logged without it. Texts never are. */
  log?: FastifyBaseLogger
}

/** Longest time for a whole request to arrive, so that a slow sender cannot hold a connection for ever. */
const REQUEST_TIMEOUT_MS = 30_000

/** What a browser may do with answers: nothing. /docs has a content policy of its own. */
const SECURITY_HEADERS = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** A request id that a client may choose; any other is replaced. */
const SANE_ID = /^[\w.:-]{1,64}$/

/** Builds the application; the caller listens, or injects requests. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { settings, model, metrics, version, log } = options
  const app = Fastify({
    ...(options.log ? { loggerInstance: options.log } : {}),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: (raw) => {
      const given = raw.headers['x-request-id']
      return typeof given === 'string' && SANE_ID.test(given) ? given : randomUUID()
    },
    bodyLimit: settings.bodyLimit,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Requests that come while stopping are answered by the routes themselves, as problem documents.
    return503OnClosing: false,
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
    frameworkErrors: (error, request, reply) => {
      reply.header('x-request-id', request.id)
      metrics.observeRequest(request.method, UNKNOWN_ROUTE, 400, 0)
      sendProblem(error, request, reply)
    },
    clientErrorHandler: (error, socket) => {
      if (error.code !== 'ECONNRESET' && socket.writable) socket.write(malformedAnswer(error.code))
      socket.destroy()
    },
  })
  const methods = countRoutes(app, metrics)
  readJsonBodies(app)
  for (const schema of sharedSchemas()) app.addSchema(schema)
  app.addHook('onRequest', (request, reply, done) => {
    observe(request, reply.raw, metrics)
    reply.headers(SECURITY_HEADERS).header('x-request-id', request.id)
    done()
  })
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (model.leaving) reply.header('connection', 'close')
    done()
  })
  app.setErrorHandler(sendProblem)
  app.setNotFoundHandler((request, reply) => sendProblem(unservedAddress(request, methods), request, reply))

  if (settings.cors.length > 0)
    await app.register(cors, {
      origin: settings.cors.includes('*') ? '*' : [...settings.cors],
      methods: ['GET', 'HEAD', 'POST'],
      exposedHeaders: ['x-request-id', 'retry-after'],
      strictPreflight: false,
    })
  const guard = await createGuard(app, settings)
  app.addHook('onRequest', async (request, reply) => {
    if (!request.is404) return
    await guard.limit?.(request, reply)
    throw unservedAddress(request, methods)
  })
  await describeApi(app, { version, apiKey: settings.apiKey !== undefined })
  probeRoutes(app, model)
  metricsRoute(app, metrics)
  const answering = createAnswering(model, metrics, (error) =>
    log?.error({ error: reportOf(toFndError(error)) }, 'the canary failed: the serving version answered'),
  )
  await app.register(async (scope) => {
    // The limit first: it also holds back whoever guesses keys.
    for (const check of [guard.limit, guard.key]) if (check) scope.addHook('onRequest', check)
    const work = {
      detector: () => {
        if (model.draining) metrics.refused()
        model.current()
        return answering
      },
      deadline: settings.deadline,
      batchLimit: settings.batchLimit,
      security: settings.apiKey === undefined ? {} : { security: [{ apiKey: [] }] },
    }
    predictRoute(scope, work)
    batchRoute(scope, work)
    analyzeRoute(scope, work)
  })
  return app
}

/** Starts the series of every route at 0 and returns the methods of each address. */
function countRoutes(app: FastifyInstance, metrics: ServiceMetrics): Map<string, Set<string>> {
  const methods = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method, schema }) => {
    const known = methods.get(url) ?? new Set()
    methods.set(url, known)
    const statuses = Object.keys(schema?.response ?? {}).map(Number)
    for (const name of [method].flat()) {
      known.add(name)
      if (name !== 'HEAD') metrics.expectRequests(name, url, statuses)
    }
  })
  return methods
}

/** Counts and logs a request when its answer has left, or its client has. */
function observe(
  request: FastifyRequest,
  response: NodeJS.EventEmitter & { statusCode: number },
  metrics: ServiceMetrics,
): void {
  const start = performance.now()
  let counted = false
  const count = (status: number) => {
    if (counted) return
    counted = true
    const ms = performance.now() - start
    // The pattern, never the raw address: it could hold anything, a text included.
    const route = request.routeOptions.url ?? UNKNOWN_ROUTE
    metrics.observeRequest(request.method, route, status, ms / 1000)
    request.log.info({ method: request.method, route, status, ms: Math.round(ms * 10) / 10 }, 'request')
  }
  response.once('finish', () => count(response.statusCode))
  response.once('close', () => count(CLIENT_LEFT))
}

function unservedAddress(request: FastifyRequest, methods: Map<string, Set<string>>): FndError {
  const path = (request.url.split('?', 1)[0] ?? '').slice(0, 200)
  const known = methods.get(path)
  if (!known) return new FndError('FND_ROUTE_UNKNOWN', { path })
  return new FndError('FND_METHOD_NOT_ALLOWED', { method: request.method, path, allow: [...known].sort() })
}

/** The raw answer to bytes that are no HTTP request, or a request that did not arrive in time. */
function malformedAnswer(code: string | undefined): string {
  const [status, phrase, expected] =
    code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? [408, 'Request Timeout', `a whole request within ${REQUEST_TIMEOUT_MS / 1000} s`]
      : code === 'HPE_HEADER_OVERFLOW'
        ? [431, 'Request Header Fields Too Large', 'shorter headers']
        : [400, 'Bad Request', 'a well-formed HTTP request']
  const error = new FndError('FND_REQUEST_INVALID', { field: 'request', expected })
  const body = JSON.stringify({ ...problemOf(error, randomUUID()), status })
  return [
    `HTTP/1.1 ${status} ${phrase}`,
    `Content-Type: ${PROBLEM_JSON}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}
