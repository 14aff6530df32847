// `fnd support`: gathers the parts in a private folder and packs them into one archive.

import { mkdtemp, rename, rm, stat } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { create } from 'tar'
import type { z } from 'zod'
import { FndError, messageOf } from '../../errors/error.ts'
import { EXIT } from '../../errors/exit.ts'
import { bytes } from '../../format.ts'
import { packageVersion } from '../../package.ts'
import { openWhereItStands } from '../../runtime/open.ts'
import { collectSupport } from '../../support/collect.ts'
import type { Handler } from '../command.ts'
import type { answer } from './answer.ts'

export const run: Handler = async (_args, options, ctx) => {
  const { out, paths, env, signal } = ctx
  const settings = await ctx.settings()
  const runtime = await openWhereItStands({ settings, paths, env }, signal)
  const time = new Date(ctx.now()).toISOString().slice(0, 19).replaceAll(':', '')
  const name = `fnd-support-${settings.name}-${time}`
  const file = resolve(ctx.cwd, typeof options.output === 'string' ? options.output : `${name}.tar.gz`)
  const step = out.step('Gather what a bug report needs')
  const work = await mkdtemp(join(tmpdir(), 'fnd-support-'))
  try {
    const versions = {
      fnd: packageVersion(),
      node: ctx.nodeVersion,
      platform: `${process.platform} ${process.arch}`,
    }
    const home = env.HOME ?? homedir()
    const parts = await collectSupport({ runtime, settings, versions, home, signal }, join(work, name))
    try {
      await create({ gzip: true, file: `${file}.partial`, cwd: work, portable: true, mode: 0o600 }, [name])
      await rename(`${file}.partial`, file)
    } catch (cause) {
      await rm(`${file}.partial`, { force: true })
      throw new FndError('FND_FILE_UNWRITABLE', { path: file, why: messageOf(cause) }, { cause })
    }
    const { size } = await stat(file)
    step.done(`${parts.filter(({ problem }) => !problem).length} files, ${bytes(size)}`)
    for (const { file: part, problem } of parts) if (problem) out.say(`  without ${part}: ${problem}`)
    out.answer<z.infer<typeof answer>>({ file, bytes: size, parts }, (data) => data.file)
    return EXIT.good
  } catch (error) {
    step.fail(messageOf(error))
    throw error
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
