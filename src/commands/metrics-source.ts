// Where a command reads figures of the service: the Prometheus or the backend that it was told, else those of the stack.

import { FndError } from '../errors/error.ts'
import { backendSource, backendState, type HealthSource, prometheusSource } from '../observe/health-source.ts'
import { prometheusClient } from '../observe/prometheus.ts'
import type { Context, RawOptions } from './command.ts'
import { stackEndpoints } from './stack.ts'
import { parseUrl } from './web-address.ts'

/** A source and what is to be said of it. */
interface Found extends AsyncDisposable {
  source: HealthSource
  about: { stack?: string; url: string; note?: string }
}

/**
 * What --prometheus and --backend name, else the stack's; Prometheus where it answers, else the backend with a note.
 *
 * @throws FndError FND_STACK_ABSENT, FND_BACKEND_DOWN, FND_USAGE.
 */
export async function metricsSource(command: string, options: RawOptions, ctx: Context): Promise<Found> {
  const given = (flag: 'prometheus' | 'backend') =>
    typeof options[flag] === 'string' ? parseUrl(command, flag, options[flag]) : undefined
  const endpoints: { prometheus?: URL | undefined; backend?: URL | undefined } & AsyncDisposable =
    options.prometheus === undefined && options.backend === undefined
      ? await stackEndpoints(ctx)
      : { prometheus: given('prometheus'), backend: given('backend'), [Symbol.asyncDispose]: async () => {} }
  try {
    const { source, about } = await choose(endpoints, ctx)
    const named = options.prometheus === undefined && options.backend === undefined
    const stack = named ? { stack: (await ctx.settings()).name } : {}
    return {
      source,
      about: { ...stack, ...about },
      [Symbol.asyncDispose]: () => endpoints[Symbol.asyncDispose](),
    }
  } catch (error) {
    await endpoints[Symbol.asyncDispose]()
    throw error
  }
}

async function choose(
  { prometheus, backend }: { prometheus?: URL | undefined; backend?: URL | undefined },
  { signal, now }: Pick<Context, 'signal' | 'now'>,
): Promise<Pick<Found, 'source' | 'about'>> {
  const client = prometheus && prometheusClient(prometheus)
  if (client && (!backend || (await client.ready(signal)))) {
    const askBackend = backend && ((signal: AbortSignal) => backendState(backend, signal))
    return { source: prometheusSource(client, now, askBackend), about: { url: prometheus.href } }
  }
  if (!backend) throw new FndError('FND_BACKEND_DOWN', { url: 'the stack', why: 'it does not run' })
  return {
    source: backendSource(backend, now),
    about: {
      url: backend.href,
      note: `${prometheus ? `Prometheus at ${prometheus.href} does not answer` : 'Without Prometheus'}: read from the backend itself, no history, no alerts.`,
    },
  }
}
