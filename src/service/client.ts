// The typed client of a running backend, for the commands: problem documents come back as the errors they were.

import { fetch } from 'undici'
import { z } from 'zod'
import type { ExplainMode, Prediction } from '../detector/detector.ts'
import { FndError, messageOf } from '../errors/error.ts'
import {
  healthResponse,
  predictBatchResponse,
  prediction,
  problem,
  readyResponse,
  type textProblem,
} from './contract.ts'

export interface BackendClient {
  /** @throws FndError what the backend refused the text with, FND_BACKEND_UNREACHABLE, FND_BACKEND_ANSWER, FND_TIMEOUT. */
  predict(text: string, options?: CallOptions & { explain?: ExplainMode }): Promise<Prediction>
  /** One result per text, in order; a text that cannot be judged has its error in place of a prediction. */
  predictBatch(texts: readonly string[], options?: CallOptions): Promise<(Prediction | FndError)[]>
  health(options?: CallOptions): Promise<z.infer<typeof healthResponse>>
  /** @throws FndError FND_NOT_READY until the model is loaded, FND_DRAINING while it stops. */
  ready(options?: CallOptions): Promise<z.infer<typeof readyResponse>>
  /** The exposition of all metrics, as Prometheus reads it. */
  metricsText(options?: CallOptions): Promise<string>
}

export interface CallOptions {
  signal?: AbortSignal
  /** Longest wait for the answer, in seconds. */
  timeout?: number
}

export interface ClientOptions {
  /** The backend's base address, e.g. http://127.0.0.1:8000. */
  url: URL
  apiKey?: string | undefined
  /** Longest wait for an answer, in seconds; default 30. */
  timeout?: number
}

/** A client of the backend at `url`. Holds no connection that would keep a program alive. */
export function createBackendClient({ url, apiKey, timeout = 30 }: ClientOptions): BackendClient {
  const key = apiKey === undefined ? {} : { 'x-api-key': apiKey }

  async function call(path: string, body: object | undefined, options: CallOptions = {}): Promise<string> {
    const seconds = options.timeout ?? timeout
    const late = AbortSignal.timeout(seconds * 1000)
    try {
      const response = await fetch(new URL(path, url), {
        method: body ? 'POST' : 'GET',
        // The API key goes to this backend and nowhere else.
        redirect: 'error',
        headers: body ? { ...key, 'content-type': 'application/json' } : key,
        ...(body ? { body: JSON.stringify(body) } : {}),
        signal: options.signal ? AbortSignal.any([options.signal, late]) : late,
      })
      const text = await response.text()
      if (!response.ok) throw refusal(response.status, text)
      return text
    } catch (cause) {
      if (cause instanceof FndError) throw cause
      options.signal?.throwIfAborted()
      if (late.aborted)
        throw new FndError(
          'FND_TIMEOUT',
          { what: `${path} of ${url.origin}`, seconds, last: 'no answer' },
          { cause },
        )
      throw new FndError('FND_BACKEND_UNREACHABLE', { url: url.origin, why: messageOf(cause) }, { cause })
    }
  }

  /** What a failed answer says: the error of its problem document, or that it is none of ours. */
  function refusal(status: number, text: string): FndError {
    const parsed = problem.safeParse(jsonOf(text))
    const what = parsed.success ? parsed.data.detail : 'no problem document'
    return (
      (parsed.success ? errorOf(parsed.data) : undefined) ??
      new FndError('FND_BACKEND_ANSWER', { url: url.origin, status, what })
    )
  }

  function parse<T>(schema: z.ZodType<T>, text: string): T {
    const parsed = schema.safeParse(jsonOf(text))
    if (parsed.success) return parsed.data
    const issue = parsed.error.issues[0]
    const what = `not what was expected (${issue ? `${issue.path.join('.')}: ${issue.message}` : 'unknown'})`
    throw new FndError('FND_BACKEND_ANSWER', { url: url.origin, status: 200, what })
  }

  return {
    predict: async (text, { explain, ...options } = {}) => {
      const asked = explain && explain !== 'none' ? { explain } : {}
      return toPrediction(parse(prediction, await call('/predict', { text, ...asked }, options)))
    },
    predictBatch: async (texts, options) => {
      const answer = parse(predictBatchResponse, await call('/predict/batch', { texts }, options))
      return answer.results.map((result) =>
        'label' in result ? toPrediction(result) : (errorOf(result) ?? unknownError(url, result)),
      )
    },
    health: async (options) => parse(healthResponse, await call('/health', undefined, options)),
    ready: async (options) => parse(readyResponse, await call('/ready', undefined, options)),
    metricsText: (options) => call('/metrics', undefined, options),
  }
}

/** Absent fields are absent, not undefined. */
function toPrediction({ reason, explanation, ...rest }: z.infer<typeof prediction>): Prediction {
  return { ...rest, ...(reason ? { reason } : {}), ...(explanation ? { explanation } : {}) }
}

type Refusal = Pick<z.infer<typeof textProblem>, 'code' | 'params' | 'detail'>

const retryAfter = z.object({ retryAfter: z.number() })
const none = z.object({})

/** The errors that a backend refuses with, each made again from the figures in its problem document. */
const REMADE: Record<string, ((params: unknown) => FndError) | undefined> = {
  FND_TEXT_INVALID: (params) => new FndError('FND_TEXT_INVALID', z.object({ why: z.string() }).parse(params)),
  FND_TEXT_TOO_SHORT: (params) =>
    new FndError('FND_TEXT_TOO_SHORT', z.object({ characters: z.number(), least: z.number() }).parse(params)),
  FND_TEXT_TOO_LONG: (params) =>
    new FndError('FND_TEXT_TOO_LONG', z.object({ characters: z.number(), most: z.number() }).parse(params)),
  FND_REQUEST_INVALID: (params) =>
    new FndError('FND_REQUEST_INVALID', z.object({ field: z.string(), expected: z.string() }).parse(params)),
  FND_UNAUTHORIZED: (params) => new FndError('FND_UNAUTHORIZED', none.parse(params)),
  FND_BODY_TOO_LARGE: (params) =>
    new FndError('FND_BODY_TOO_LARGE', z.object({ limit: z.number() }).parse(params)),
  FND_RATE_LIMITED: (params) =>
    new FndError('FND_RATE_LIMITED', retryAfter.extend({ limit: z.number() }).parse(params)),
  FND_QUEUE_FULL: (params) => new FndError('FND_QUEUE_FULL', retryAfter.parse(params)),
  FND_DEADLINE: (params) =>
    new FndError('FND_DEADLINE', retryAfter.extend({ seconds: z.number() }).parse(params)),
  FND_DRAINING: (params) => new FndError('FND_DRAINING', retryAfter.parse(params)),
  FND_NOT_READY: (params) =>
    new FndError('FND_NOT_READY', retryAfter.extend({ why: z.string() }).parse(params)),
}

/** The error that a problem stands for; undefined for a code that this version does not know, or with other figures. */
function errorOf({ code, params }: Refusal): FndError | undefined {
  try {
    return REMADE[code]?.(params)
  } catch {
    return undefined
  }
}

function unknownError(url: URL, { code, detail }: Refusal): FndError {
  return new FndError('FND_BACKEND_ANSWER', { url: url.origin, status: 200, what: `${code}: ${detail}` })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
