// `fnd open`: the address of a page, and on a terminal the page itself; a port-forward is kept until Ctrl-C.

import { once } from 'node:events'
import type { z } from 'zod'
import { FndError } from '../../errors/error.ts'
import { EXIT } from '../../errors/exit.ts'
import type { Handler } from '../command.ts'
import { stackEndpoints } from '../stack.ts'
import type { answer } from './answer.ts'

export const run: Handler = async ([named], _options, ctx) => {
  const { out, signal } = ctx
  await using endpoints = await stackEndpoints(ctx)
  const page = named === 'grafana' || named === 'prometheus' || named === 'docs' ? named : undefined
  const taken = page ?? (endpoints.grafana ? 'grafana' : 'docs')
  const base = taken === 'docs' ? endpoints.backend : endpoints[taken]
  if (!base) {
    const component = taken === 'docs' ? 'backend' : taken
    throw new FndError('FND_COMPONENT_ABSENT', { component, name: (await ctx.settings()).name })
  }
  const url = taken === 'docs' ? new URL('/docs', base).href : base.href
  if (out.interactive) {
    const { default: openInBrowser } = await import('open')
    await openInBrowser(url)
  }
  out.answer<z.infer<typeof answer>>({ page: taken, url, opened: out.interactive }, (data) => data.url)
  if (endpoints.forwarded) {
    out.say('Forwarded through the API server until Ctrl-C')
    if (!signal.aborted) await once(signal, 'abort')
  }
  return EXIT.good
}
