// `fnd render`: the manifests of a stack on stdout or in a folder, from the settings alone.

import { join, resolve } from 'node:path'
import { z } from 'zod'
import type { Settings } from '../../config/schema.ts'
import { FndError } from '../../errors/error.ts'
import { EXIT } from '../../errors/exit.ts'
import { type ImageContext, imageModel, planImage, writeContext } from '../../image/context.ts'
import { imageReference } from '../../image/references.ts'
import { shippedDashboards } from '../../manifests/dashboards.ts'
import { toFiles, toStream, writeFiles } from '../../manifests/files.ts'
import { namespacesOf } from '../../manifests/labels.ts'
import { identityNote, podRegistry } from '../../manifests/registry.ts'
import { renderManifests } from '../../manifests/render.ts'
import { manifestValuesOf } from '../../manifests/values.ts'
import { ruleFile } from '../../observe/rules.ts'
import { packageVersion } from '../../package.ts'
import type { Handler } from '../command.ts'
import { refuseSecondModel } from '../local-model.ts'
import type { answer } from './answer.ts'
import { renderNotes } from './render.ts'

const flags = z.object({
  for: z.enum(['cluster', 'kind']),
  outputDir: z.string().optional(),
  imageContext: z.string().optional(),
  arch: z.enum(['x64', 'arm64']).optional(),
})

export const run: Handler = async (_args, options, ctx) => {
  const { out, cwd } = ctx
  const given = flags.parse(options)
  const settings = await ctx.settings()
  const s3 = settings.kubernetes.s3 === true
  if (s3 && given.for !== 'kind')
    throw new FndError('FND_USAGE', {
      problem: 'Only a kind cluster gets an S3 server (kubernetes.s3): --for kind',
      command: 'render',
    })
  if (given.imageContext === undefined) refuseSecondModel(settings, 'render')
  const own = given.imageContext || !settings.images.backend ? await planOwn(settings, given.arch) : undefined
  const image = settings.images.backend ?? own?.reference ?? ''
  const objects = renderManifests(
    manifestValuesOf(settings, {
      target: given.for,
      version: packageVersion(),
      images: {
        backend: image,
        prometheus: imageReference('prometheus', settings.images),
        grafana: imageReference('grafana', settings.images),
        ...(s3 && { s3: imageReference('s3', settings.images) }),
      },
      rules: ruleFile(settings),
      dashboards: shippedDashboards(),
      ...(s3 && { s3: {} }),
    }),
  )
  const data: z.infer<typeof answer> = { objects, image }
  if (given.outputDir !== undefined) {
    const folder = resolve(cwd, given.outputDir)
    const files = toFiles(objects)
    await writeFiles(folder, files)
    data.files = Object.keys(files).map((name) => join(folder, name))
  }
  if (given.imageContext !== undefined && own) {
    data.imageContext = resolve(cwd, given.imageContext)
    await writeContext(own, data.imageContext)
  }
  const apiKey = settings.backend.apiKey !== undefined
  const registry = podRegistry(settings, s3)
  const notes = {
    image,
    ownImage: settings.images.backend === undefined,
    base: own?.base,
    namespaces: namespacesOf(settings.name),
    apiKey,
    s3,
    registry,
    identity: identityNote(settings, registry?.own === true),
  }
  for (const line of renderNotes(data, notes)) out.say(line)
  if (given.outputDir !== undefined && !out.json) return EXIT.good
  out.answer(data, () => toStream(objects))
  return EXIT.good
}

/** The image that fnd would build: its name, and what goes into it. */
async function planOwn(settings: Settings, arch: 'x64' | 'arm64' | undefined): Promise<ImageContext> {
  return planImage({
    arch: arch ?? (process.arch === 'arm64' ? 'arm64' : 'x64'),
    base: imageReference('base', settings.images),
    model: imageModel(settings),
  })
}
