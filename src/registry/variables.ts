// The settings of the registry as another process, or a pod, is told them.

import type { Settings } from '../config/schema.ts'
import { variablesOf } from '../config/variables.ts'
import { inlineKey, trustedKeys } from './signature.ts'

/**
 * All of `registry.*` as FND_* variables. The trusted keys are written out: a path may be relative, a pod has none of the
 * files, and another key under the same path is another setting.
 *
 * @throws FndError FND_SETTINGS_INVALID for what is no public Ed25519 key.
 */
export function registryVariables(settings: Settings): Record<string, string> {
  const trusted = trustedKeys(settings.registry.trustedKeys, process.cwd())
  return {
    ...variablesOf(settings, 'registry'),
    ...(trusted.length > 0 && {
      FND_REGISTRY_TRUSTED_KEYS: trusted.map(({ key }) => inlineKey(key)).join(','),
    }),
  }
}
