// Opens the registry that an address names, with the settings of this fnd.

import { registryEndpoint, type Settings } from '../config/schema.ts'
import { FndError } from '../errors/error.ts'
import type { ObjectStore } from './store.ts'

export interface RegistryAccess {
  settings: Settings['registry']
  env: NodeJS.ProcessEnv
  signal: AbortSignal
}

/**
 * Opens the bucket; the S3 client is loaded now, so that commands without a registry never pay for it.
 *
 * @throws FndError FND_SETTINGS_INVALID for an endpoint in the environment that is none, or carries credentials.
 */
export async function openRegistry(bucket: string, access: RegistryAccess): Promise<ObjectStore> {
  const { settings, env, signal } = access
  const { openS3 } = await import('./s3.ts')
  const endpoint =
    settings.endpoint ?? endpointOf(env, 'AWS_ENDPOINT_URL_S3') ?? endpointOf(env, 'AWS_ENDPOINT_URL')
  return openS3({ bucket, endpoint, region: settings.region, pathStyle: settings.pathStyle, signal })
}

/** What a variable of the AWS tools says; it is printed in messages, so it must be as harmless as the setting. */
function endpointOf(env: NodeJS.ProcessEnv, name: string): string | undefined {
  if (!env[name]) return undefined
  const parsed = registryEndpoint.safeParse(env[name])
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ message }) => `${name}: ${message}`)
  throw new FndError('FND_SETTINGS_INVALID', { source: 'environment', problems })
}
