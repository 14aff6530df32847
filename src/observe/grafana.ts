// A client of Grafana's HTTP API: what fnd asks, with a deadline on every request.

import { fetch } from 'undici'
import { z } from 'zod'
import { FndError } from '../errors/error.ts'
import { whyFetchFailed } from './prometheus.ts'

/** Longest wait for one answer, in milliseconds. */
const DEADLINE_MS = 10_000
/** Grafana's administrator, whose password is made at random for each stack. */
export const GRAFANA_USER = 'admin'

const datasources = z.array(z.looseObject({ uid: z.string(), type: z.string(), isDefault: z.boolean() }))
const proxied = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
})

export interface GrafanaLogin {
  user: string
  password: string
}

export interface GrafanaClient {
  /** Status and parsed body of a GET; the body is undefined where it is not JSON. Without `login`, as a stranger asks. */
  get(path: string, signal: AbortSignal, login?: false): Promise<{ status: number; body: unknown }>
  /** The values of an instant vector, asked through the default datasource as Grafana's panels do. */
  query(promql: string, signal: AbortSignal): Promise<number[]>
}

/**
 * A client for the Grafana at `base`.
 *
 * Every method throws FND_GRAFANA_UNREACHABLE when nothing usable answers in time; an aborted signal throws its AbortError.
 */
export function grafanaClient(base: URL, login?: GrafanaLogin): GrafanaClient {
  const authorization = login && `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`
  const unusable = (why: string, cause?: unknown) =>
    new FndError('FND_GRAFANA_UNREACHABLE', { url: base.href, why }, { cause })

  const get: GrafanaClient['get'] = async (path, signal, asUser) => {
    try {
      const response = await fetch(new URL(path, base), {
        headers: authorization && asUser !== false ? { authorization } : {},
        signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
      })
      return { status: response.status, body: await response.json().catch(() => undefined) }
    } catch (error) {
      signal.throwIfAborted()
      throw unusable(whyFetchFailed(error, DEADLINE_MS), error)
    }
  }
  async function ask<T>(path: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    const { status, body } = await get(path, signal)
    const named = path.replace(/\?.*/, '')
    if (status !== 200) throw unusable(`it answered ${status} to ${named}`)
    const parsed = schema.safeParse(body)
    if (!parsed.success) throw unusable(`its answer to ${named} has an unknown form`, parsed.error)
    return parsed.data
  }
  return {
    get,
    query: async (promql, signal) => {
      const all = await ask('/api/datasources', datasources, signal)
      const chosen = all.find(({ isDefault, type }) => isDefault && type === 'prometheus')
      if (!chosen) throw unusable('it has no default Prometheus datasource')
      const path = `/api/datasources/proxy/uid/${chosen.uid}/api/v1/query?query=${encodeURIComponent(promql)}`
      const { data } = await ask(path, proxied, signal)
      return data.result.map(({ value }) => Number(value[1]))
    },
  }
}
