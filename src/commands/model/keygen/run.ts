// `fnd model keygen`: a pair of keys to sign models with.

import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { z } from 'zod'
import { FndError, messageOf } from '../../../errors/error.ts'
import { EXIT } from '../../../errors/exit.ts'
import { inlineKey, keyId } from '../../../registry/signature.ts'
import type { Handler } from '../../command.ts'
import { word } from '../access.ts'
import type { answer } from './answer.ts'

type Answer = z.infer<typeof answer>

export const run: Handler = async ([given], _options, ctx) => {
  const privateFile = resolve(ctx.cwd, word(given))
  const publicFile = `${privateFile}.pub`
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  await writeNew(privateFile, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600)
  await writeNew(publicFile, publicKey.export({ type: 'spki', format: 'pem' }).toString(), 0o644)
  ctx.out.answer<Answer>(
    { key: keyId(publicKey), privateFile, publicFile, publicKey: inlineKey(publicKey) },
    render,
  )
  return EXIT.good
}

/** Never over another file: a key that is lost is lost for ever. */
async function writeNew(path: string, text: string, mode: number): Promise<void> {
  await writeFile(path, text, { flag: 'wx', mode }).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'EEXIST' ? 'it is there already' : messageOf(cause)
    throw new FndError('FND_FILE_UNWRITABLE', { path, why }, { cause })
  })
}

function render({ key, privateFile, publicFile, publicKey }: Answer): string {
  return [
    `Key ${key}`,
    `  ${privateFile}  keep it secret: fnd model push … --sign`,
    `  ${publicFile}  trust it: registry.trustedKeys`,
    `  ${publicKey}`,
  ].join('\n')
}
