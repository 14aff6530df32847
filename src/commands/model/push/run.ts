// `fnd model push`: a bundle becomes a version.

import type { z } from 'zod'
import { loadBundle } from '../../../detector/bundle.ts'
import { EXIT } from '../../../errors/exit.ts'
import { bytes } from '../../../format.ts'
import { addressText, parseModel } from '../../../registry/address.ts'
import { push } from '../../../registry/push.ts'
import type { Handler } from '../../command.ts'
import { actor, registryOf, word } from '../access.ts'
import type { answer } from './answer.ts'

type Answer = z.infer<typeof answer>

export const run: Handler = async ([folder, given], options, ctx) => {
  const address = parseModel(word(given))
  const bundle = await loadBundle(word(folder))
  const dryRun = options.dryRun === true
  using store = await registryOf(address, ctx)
  const total = bundle.manifest.files.reduce((sum, { size }) => sum + size, 0)
  const { version } = bundle.identity
  const bar = dryRun ? undefined : ctx.out.bar(`pushing ${address.name} ${version}`, total, 'bytes')
  const pushed = await push(store, {
    bundle,
    address,
    by: actor(),
    dryRun,
    signal: ctx.signal,
    onProgress: (by) => bar?.advance(by),
  })
  bar?.end()
  ctx.out.answer<Answer>({ address: addressText({ ...address, version }), dryRun, ...pushed }, render)
  return EXIT.good
}

function render({ address, created, dryRun, files }: Answer): string {
  const fresh = files.filter(({ uploaded }) => uploaded)
  const size = bytes(fresh.reduce((sum, file) => sum + file.size, 0))
  if (dryRun) return `Would upload ${fresh.length} of ${files.length} files (${size}) to ${address}`
  if (!created) return `${address} is there already, with the same content`
  return `${address} pushed: ${fresh.length} of ${files.length} files uploaded (${size})`
}
