// `fnd model push`: a bundle becomes a version.

import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { z } from 'zod'
import { loadBundle } from '../../../detector/bundle.ts'
import { FndError, messageOf } from '../../../errors/error.ts'
import { EXIT } from '../../../errors/exit.ts'
import { bytes } from '../../../format.ts'
import { addressText, parseModel } from '../../../registry/address.ts'
import { push } from '../../../registry/push.ts'
import { type SigningKey, signingKey } from '../../../registry/signature.ts'
import type { Context, Handler } from '../../command.ts'
import { actor, registryOf, trustedBy, word } from '../access.ts'
import type { answer } from './answer.ts'

type Answer = z.infer<typeof answer>

export const run: Handler = async ([folder, given], options, ctx) => {
  const address = parseModel(word(given))
  const bundle = await loadBundle(word(folder))
  const dryRun = options.dryRun === true
  const signer = typeof options.sign === 'string' ? await keyIn(resolve(ctx.cwd, options.sign)) : undefined
  using store = await registryOf(address, ctx)
  const total = bundle.manifest.files.reduce((sum, { size }) => sum + size, 0)
  const { version } = bundle.identity
  const bar = dryRun ? undefined : ctx.out.bar(`pushing ${address.name} ${version}`, total, 'bytes')
  const pushed = await push(store, {
    bundle,
    address,
    by: actor(),
    signer,
    dryRun,
    signal: ctx.signal,
    onProgress: (by) => bar?.advance(by),
  })
  bar?.end()
  await warnOfTrust(signer, ctx)
  ctx.out.answer<Answer>({ address: addressText({ ...address, version }), dryRun, ...pushed }, render)
  return EXIT.good
}

async function keyIn(path: string): Promise<SigningKey> {
  const pem = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new FndError('FND_FILE_UNREADABLE', { path, why: messageOf(cause) }, { cause })
  })
  return signingKey(pem, path)
}

/** Whoever trusts certain keys would not take back what was pushed here without one of them. */
async function warnOfTrust(signer: SigningKey | undefined, ctx: Context): Promise<void> {
  const trusted = await trustedBy(ctx)
  if (trusted.length === 0 || trusted.some(({ id }) => id === signer?.id)) return
  ctx.out.warn(
    `registry.trustedKeys names ${trusted.map(({ id }) => id).join(', ')}: ${signer ? `a signature by ${signer.id}` : 'what is not signed'} is refused here`,
  )
}

function render({ address, created, dryRun, files, signature }: Answer): string {
  const signed = signature ? `, ${dryRun ? 'to be signed' : 'signed'} by ${signature.key}` : ''
  const fresh = files.filter(({ uploaded }) => uploaded)
  const size = bytes(fresh.reduce((sum, file) => sum + file.size, 0))
  if (dryRun) return `Would upload ${fresh.length} of ${files.length} files (${size}) to ${address}${signed}`
  if (!created)
    return signature?.created
      ? `${address} was there already, with the same content; now ${signed.slice(2)}`
      : `${address} is there already, with the same content${signed}`
  return `${address} pushed: ${fresh.length} of ${files.length} files uploaded (${size})${signed}`
}
