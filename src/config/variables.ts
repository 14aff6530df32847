// Settings as the FND_* variables that set them: how another process, or a pod, is given the settings of this one.

import { type Settings, settingEntries } from './schema.ts'

/** The variables of one flat group of settings as they are resolved here; what is not set, or set to nothing, is left out. */
export function variablesOf(settings: Settings, group: 'backend' | 'registry'): Record<string, string> {
  const values: Readonly<Record<string, unknown>> = settings[group]
  return Object.fromEntries(
    settingEntries().flatMap(({ path, env }) => {
      const [first, key = '', ...deeper] = path.split('.')
      if (first !== group || deeper.length) return []
      const value = values[key]
      const text = Array.isArray(value) ? value.join(',') : String(value ?? '')
      return text ? [[env, text]] : []
    }),
  )
}
