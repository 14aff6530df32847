// The running stack that a command line means, and the addresses of its components.

import { FndError } from '../errors/error.ts'
import type { Component, Endpoints, Runtime } from '../runtime/runtime.ts'
import type { Context, RawOptions } from './command.ts'
import { parseUrl } from './web-address.ts'

/** An address that answers until it is disposed. */
export interface Address extends AsyncDisposable {
  readonly url: URL
}

/**
 * The stack that was brought up.
 *
 * @throws FndError FND_STACK_ABSENT.
 */
export async function runningStack(ctx: Context): Promise<Runtime> {
  const { openStack } = await import('../runtime/open.ts')
  return openStack({ settings: await ctx.settings(), paths: ctx.paths, env: ctx.env }, ctx.signal)
}

/** The addresses of all that runs in it. */
export async function stackEndpoints(ctx: Context): Promise<Endpoints> {
  return (await runningStack(ctx)).endpoints(ctx.signal)
}

/**
 * The address of one component.
 *
 * @throws FndError FND_STACK_ABSENT, FND_COMPONENT_ABSENT.
 */
export async function stackAddress(component: Component, ctx: Context): Promise<Address> {
  const endpoints = await stackEndpoints(ctx)
  const close = () => endpoints[Symbol.asyncDispose]()
  const url = endpoints[component]
  if (url) return { url, [Symbol.asyncDispose]: close }
  await close()
  throw new FndError('FND_COMPONENT_ABSENT', { component, name: (await ctx.settings()).name })
}

/** The Prometheus that --prometheus names, else the stack's own. */
export async function prometheusAddress(
  command: string,
  options: RawOptions,
  ctx: Context,
): Promise<Address> {
  if (typeof options.prometheus !== 'string') return stackAddress('prometheus', ctx)
  const url = parseUrl(command, 'prometheus', options.prometheus)
  return { url, [Symbol.asyncDispose]: async () => {} }
}
