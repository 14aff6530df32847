// `fnd render`: the manifests of a stack on stdout or in a folder, from the settings alone.

import { join, resolve } from 'node:path'
import { z } from 'zod'
import type { Settings } from '../../config/schema.ts'
import { EXIT } from '../../errors/exit.ts'
import { type ImageContext, planImage, writeContext } from '../../image/context.ts'
import { imageReference } from '../../image/references.ts'
import { shippedDashboards } from '../../manifests/dashboards.ts'
import { toFiles, toStream, writeFiles } from '../../manifests/files.ts'
import { namespacesOf } from '../../manifests/labels.ts'
import { renderManifests } from '../../manifests/render.ts'
import { manifestValuesOf } from '../../manifests/values.ts'
import { ruleFile } from '../../observe/rules.ts'
import { packageVersion } from '../../package.ts'
import type { Handler } from '../command.ts'
import { refuseSecondModel, withLocalModel } from '../local-model.ts'
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
  // A build context is made with the model that is named, whatever the image will be called.
  if (given.imageContext === undefined) refuseSecondModel(await ctx.settings(), 'render')
  const settings = await withLocalModel(await ctx.settings(), ctx)
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
      },
      rules: ruleFile(settings),
      dashboards: shippedDashboards(),
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
  const notes = {
    image,
    ownImage: settings.images.backend === undefined,
    base: own?.base,
    namespaces: namespacesOf(settings.name),
    apiKey,
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
    model: settings.model,
  })
}
