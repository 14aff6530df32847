// What `fnd render` says on stderr beside the manifests: what was written, and what is still to be done by hand.

import type { z } from 'zod'
import type { Namespaces } from '../../manifests/labels.ts'
import { type PodRegistry, S3_SECRET } from '../../manifests/registry.ts'
import type { answer } from './answer.ts'

interface Notes {
  image: string
  /** The image is the one that fnd builds: no registry has it. */
  ownImage: boolean
  /** Base image of the build context that was written. */
  base: string | undefined
  namespaces: Namespaces
  /** The manifests hold the backend's API key. */
  apiKey: boolean
  /** The stack has an S3 server of its own. */
  s3: boolean
  /** How the pods reach the registry of their model; undefined: the image holds it. */
  registry: PodRegistry | undefined
  /** As whom the pods fetch it, where that is still to be settled. */
  identity: readonly string[]
}

/** The lines, in the order to read them. */
export function renderNotes(data: z.infer<typeof answer>, notes: Notes): string[] {
  const { files, imageContext } = data
  const { image, ownImage, base, namespaces, apiKey, s3, registry, identity } = notes
  return [
    ...(files ? [`${files.length} files written`] : []),
    ...(imageContext
      ? [
          `Build the backend image: docker build --build-arg BASE=${base} -t ${ownImage ? '<registry>/<name>:<tag>' : image} ${imageContext}`,
        ]
      : []),
    ...(ownImage
      ? [
          `No registry has the image ${image}: it is built by \`fnd up\`. For another cluster, build it from --image-context, push it and name it with --image.`,
        ]
      : []),
    ...(apiKey ? ['The Secret backend-api-key holds the API key: keep this output to yourself.'] : []),
    ...(registry?.secret !== undefined && !registry.own
      ? [
          `The pods fetch their model with the credentials of the Secret ${namespaces.backend}/${registry.secret}, which is not among these: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.`,
        ]
      : []),
    ...identity,
    ...(s3
      ? [
          `The S3 server reads its account from a Secret that is not among these: kubectl -n ${namespaces.backend} create secret generic ${S3_SECRET} --from-literal=AWS_ACCESS_KEY_ID=fnd --from-literal=AWS_SECRET_ACCESS_KEY="$(openssl rand -hex 24)"`,
        ]
      : []),
    `Grafana reads its password from a Secret that is not among these. Once the namespace is there: kubectl -n ${namespaces.monitoring} create secret generic grafana-admin --from-literal=admin-password="$(openssl rand -base64 24)"`,
  ]
}
