// What `fnd render` says on stderr beside the manifests: what was written, and what is still to be done by hand.

import type { z } from 'zod'
import type { Namespaces } from '../../manifests/labels.ts'
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
}

/** The lines, in the order to read them. */
export function renderNotes(data: z.infer<typeof answer>, notes: Notes): string[] {
  const { files, imageContext } = data
  const { image, ownImage, base, namespaces, apiKey } = notes
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
    `Grafana reads its password from a Secret that is not among these. Once the namespace is there: kubectl -n ${namespaces.monitoring} create secret generic grafana-admin --from-literal=admin-password="$(openssl rand -base64 24)"`,
  ]
}
