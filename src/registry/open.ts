// Opens the registry that an address names, with the settings of this fnd.

import type { Settings } from '../config/schema.ts'
import type { ObjectStore } from './store.ts'

export interface RegistryAccess {
  settings: Settings['registry']
  env: NodeJS.ProcessEnv
  signal: AbortSignal
}

/** Opens the bucket; the S3 client is loaded now, so that commands without a registry never pay for it. */
export async function openRegistry(bucket: string, access: RegistryAccess): Promise<ObjectStore> {
  const { settings, env, signal } = access
  const { openS3 } = await import('./s3.ts')
  const endpoint = settings.endpoint ?? env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL
  return openS3({ bucket, endpoint, region: settings.region, pathStyle: settings.pathStyle, signal })
}
