// Settings resolved: flags > environment (FND_*) > fnd.yaml > defaults, checked against the one schema.

import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parse, YAMLParseError } from 'yaml'
import type { z } from 'zod'
import { FndError, messageOf } from '../errors/error.ts'
import { type SettingEntry, type Settings, settingEntries, settingsSchema } from './schema.ts'
import { similar } from './similar.ts'

type Tree = { [key: string]: unknown }

export interface SettingSources {
  /** Values of flags by dotted path, e.g. `{'ports.backend': '8001'}`; undefined ones are ignored. */
  flags: Readonly<Record<string, unknown>>
  /** How the flag of a path is typed, e.g. `--port-backend`; errors then say that. */
  flagNames?: Readonly<Record<string, string>>
  env: NodeJS.ProcessEnv
  cwd: string
  /** A settings file named by --config or FND_CONFIG; default: fnd.yaml in cwd, when it exists. */
  file?: string | undefined
}

/**
 * Reads and merges all sources.
 *
 * @throws FndError FND_SETTINGS_INVALID naming the source, the path and what was expected.
 */
export async function loadSettings(sources: SettingSources): Promise<Settings> {
  const fromFile = await readSettingsFile(sources)
  const entries = settingEntries()
  refuseMistyped(sources.env, entries)
  const fromEnv: Tree = {}
  for (const { path, env } of entries) {
    const value = sources.env[env]
    if (value !== undefined && value !== '') put(fromEnv, path, value)
  }
  const fromFlags: Tree = {}
  for (const [path, value] of Object.entries(sources.flags)) {
    if (value !== undefined) put(fromFlags, path, value)
  }
  const merged = merge(merge(fromFile.tree, fromEnv), fromFlags)
  const parsed = settingsSchema.safeParse(merged)
  if (parsed.success) return parsed.data
  const first = parsed.error.issues[0]
  const at = first ? pathOf(first) : ''
  const source = has(fromFlags, at) ? 'command line' : has(fromEnv, at) ? 'environment' : fromFile.name
  // As the user wrote it.
  const called = (path: string) => {
    if (has(fromFlags, path)) return sources.flagNames?.[path] ?? path
    const entry = entries.find((one) => one.path === path)
    return entry && has(fromEnv, path) ? entry.env : path
  }
  throw new FndError('FND_SETTINGS_INVALID', {
    source,
    problems: parsed.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => unknownSetting([...issue.path, key].join('.'), entries))
        : [`${called(pathOf(issue)) || 'the file'}: ${explain(issue, valueAt(merged, issue.path))}`],
    ),
  })
}

/** Variables that are no settings, and are read elsewhere. */
const OTHER_VARIABLES = ['FND_CONFIG', 'FND_STATE_DIR', 'FND_CACHE_DIR']

/** A variable that is nearly one of ours would be passed over in silence; one that is far from all is somebody else's. */
function refuseMistyped(env: NodeJS.ProcessEnv, entries: readonly SettingEntry[]): void {
  const known = new Set([...entries.map((entry) => entry.env), ...OTHER_VARIABLES])
  const problems = Object.keys(env).flatMap((name) => {
    const meant = name.startsWith('FND_') && !known.has(name) ? similar(name, known) : undefined
    return meant ? [`${name} is not a variable of fnd; did you mean ${meant}?`] : []
  })
  if (problems.length > 0) throw new FndError('FND_SETTINGS_INVALID', { source: 'environment', problems })
}

function unknownSetting(path: string, entries: readonly SettingEntry[]): string {
  const depth = path.split('.').length
  const meant = similar(
    path,
    new Set(entries.flatMap((entry) => [entry.path.split('.').slice(0, depth).join('.'), entry.path])),
  )
  return `${path} is not a setting${meant ? `; did you mean ${meant}?` : ''}`
}

async function readSettingsFile(sources: SettingSources): Promise<{ tree: Tree; name: string }> {
  const named = sources.file ?? (sources.env.FND_CONFIG || undefined)
  const path = resolve(sources.cwd, named ?? 'fnd.yaml')
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if (!named && (cause as NodeJS.ErrnoException).code === 'ENOENT') return { tree: {}, name: 'settings' }
    throw new FndError('FND_FILE_UNREADABLE', { path, why: messageOf(cause) }, { cause })
  }
  let value: unknown
  try {
    value = parse(text) ?? {}
  } catch (cause) {
    // Not its cause: the parser's own message says the same again, with a drawing.
    throw new FndError('FND_SETTINGS_INVALID', { source: path, problems: [syntaxProblem(cause)] })
  }
  if (typeof value !== 'object' || Array.isArray(value))
    throw new FndError('FND_SETTINGS_INVALID', { source: path, problems: ['must be a mapping of settings'] })
  return { tree: value as Tree, name: path }
}

/** Where the YAML breaks and how, in one line; the parser's own message goes on with a drawing of the place. */
function syntaxProblem(cause: unknown): string {
  const [what = ''] = messageOf(cause).split(/ at line |\n/)
  const [at] = (cause instanceof YAMLParseError && cause.linePos) || []
  return at ? `line ${at.line}, column ${at.col}: ${what}` : what
}

function put(tree: Tree, path: string, value: unknown): void {
  const keys = path.split('.')
  const last = keys.pop() as string
  let at = tree
  for (const key of keys) {
    at[key] ??= {}
    at = at[key] as Tree
  }
  at[last] = value
}

function has(tree: Tree, path: string): boolean {
  return valueAt(tree, path.split('.')) !== undefined
}

function valueAt(tree: Tree, path: readonly PropertyKey[]): unknown {
  let value: unknown = tree
  for (const key of path) value = isTree(value) ? value[String(key)] : undefined
  return value
}

function merge(base: Tree, over: Tree): Tree {
  const out: Tree = { ...base }
  for (const [key, value] of Object.entries(over)) {
    const under = out[key]
    out[key] = isTree(under) && isTree(value) ? merge(under, value) : value
  }
  return out
}

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function pathOf(issue: z.core.$ZodIssue): string {
  const keys = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path
  return keys.join('.')
}

/** A union's own message says nothing: the branch that took the value's type knows what was wrong with it. */
function explain(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_union': {
      const branches = issue.errors.flatMap((errors) => errors.slice(0, 1))
      const telling = branches.find((branch) => branch.code !== 'invalid_type') ?? branches[0]
      return telling ? explain(telling, value) : issue.message
    }
    case 'invalid_type':
      return issue.expected === 'object'
        ? 'must be a group of settings'
        : `must be a ${issue.expected === 'int' ? 'whole number' : issue.expected}, not '${value}'`
    case 'too_big':
      return `must be at most ${issue.maximum}, not '${value}'`
    case 'too_small':
      return `must be at least ${issue.minimum}, not '${value}'`
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}, not '${value}'`
    default:
      return issue.message
  }
}
