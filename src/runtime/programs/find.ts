// Finds an external program: what the settings name → PATH → fnd's cache → official release → Debian package.

import { constants } from 'node:fs'
import { access, readdir, realpath, stat } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import type { Paths } from '../../config/paths.ts'
import type { Settings } from '../../config/schema.ts'
import { FndError, messageOf } from '../../errors/error.ts'
import { runProgram } from '../run-program.ts'
import type { Progress } from '../runtime.ts'
import { type ProgramName, RELEASES, targetOf } from './releases.ts'

export interface Program {
  /** Absolute path of the binary. */
  command: string
  /** The root of what it was unpacked or installed from: holds Grafana's `conf/` and `public/`. */
  home: string
  origin: 'settings' | 'PATH' | 'cache' | 'download' | 'package'
  version?: string
}

export interface ProgramSearch {
  settings: Pick<Settings, 'programs' | 'offline'>
  paths: Pick<Paths, 'cache'>
  env: NodeJS.ProcessEnv
  signal: AbortSignal
  /** `process.platform` and `process.arch`. */
  machine: { platform: string; arch: string }
}

/** A search on this machine. */
export const searchHere = (
  { settings, paths, env }: Omit<ProgramSearch, 'signal' | 'machine'>,
  signal: AbortSignal,
): ProgramSearch => ({
  settings,
  paths,
  env,
  signal,
  machine: { platform: process.platform, arch: process.arch },
})

const VERSION_PATIENCE_MS = 10_000

/**
 * Looks where nothing is downloaded.
 *
 * @returns the program, or the places where it is not.
 * @throws FndError FND_PROGRAM_UNUSABLE when the settings name one that cannot run.
 */
export async function lookUp(
  name: ProgramName,
  search: ProgramSearch,
): Promise<{ program: Program } | { program?: never; tried: string[] }> {
  const { settings, paths, env } = search
  const named = settings.programs[name]
  if (named !== undefined) {
    const [found, why] = await firstUsable(name, await withinHome(name, named), 'settings', search)
    if (found) return { program: found }
    throw new FndError('FND_PROGRAM_UNUSABLE', { program: RELEASES[name].title, path: named, why })
  }
  const onPath = RELEASES[name].commands.flatMap((command) =>
    (env.PATH ?? '').split(delimiter).flatMap((folder) => (folder ? [join(folder, command)] : [])),
  )
  const [installed, whyNot] = await firstUsable(name, onPath, 'PATH', search)
  if (installed) return { program: installed }
  const [cached] = await firstUsable(name, await cachedBinaries(name, paths.cache), 'cache', search)
  if (cached) return { program: cached }
  return {
    tried: [
      whyNot === NOT_THERE ? `PATH: no ${RELEASES[name].commands.join(' or ')}` : `PATH: ${whyNot}`,
      'cache: not there yet',
    ],
  }
}

/**
 * Looks everywhere, downloads included.
 *
 * @throws FndError FND_PROGRAM_MISSING with every place that was tried; AbortError.
 */
export async function findProgram(
  name: ProgramName,
  search: ProgramSearch,
  progress: Progress,
): Promise<Program> {
  const found = await lookUp(name, search)
  if (found.program) return found.program
  const tried = [...found.tried]
  const { settings, paths, signal } = search
  const release = RELEASES[name]
  if (settings.offline) {
    tried.push('download: offline, nothing may be fetched')
  } else {
    const { installPackage, installRelease } = await import('./install.ts')
    const target = targetOf(search.machine.platform, search.machine.arch)
    const install = { search, folder: cacheFolder(name, paths.cache), progress }
    const ways = [
      {
        what: `release ${release.version}`,
        origin: 'download' as const,
        run: target && (() => installRelease(release, target, install)),
        otherwise: `none for ${search.machine.platform} ${search.machine.arch}`,
      },
      {
        what: 'Debian package',
        origin: 'package' as const,
        run:
          settings.programs.packages && release.debian && search.machine.platform === 'linux'
            ? () => installPackage(release, install)
            : undefined,
        otherwise: release.debian ? 'not used here' : 'there is none',
      },
    ]
    for (const { what, origin, run, otherwise } of ways) {
      try {
        if (!run) throw new Error(otherwise)
        const [usable, why] = await firstUsable(name, [await run()], origin, search)
        if (usable) return usable
        throw new Error(why)
      } catch (error) {
        signal.throwIfAborted()
        tried.push(`${what}: ${messageOf(error)}`)
      }
    }
  }
  throw new FndError('FND_PROGRAM_MISSING', {
    program: release.title,
    tried,
    mend: settings.offline
      ? 'Run `FND_OFFLINE=false fnd up` once, where there is a network'
      : `Get ${release.title} from ${release.homepage} and name it: FND_PROGRAMS_${name.toUpperCase()}=<path> fnd up`,
  })
}

function cacheFolder(name: ProgramName, cache: string): string {
  return join(cache, 'programs', name)
}

/** Binaries of finished installations: the pinned release first, then packages. */
async function cachedBinaries(name: ProgramName, cache: string): Promise<string[]> {
  const { version, binary, debian } = RELEASES[name]
  const folder = cacheFolder(name, cache)
  const entries = await readdir(folder).catch((): string[] => [])
  return [`release-${version}`, 'package'].flatMap((entry) =>
    entries.includes(entry)
      ? [join(folder, entry, entry === 'package' ? (debian?.binary ?? binary) : binary)]
      : [],
  )
}

/** A setting may name the binary, or the home folder that holds it. */
async function withinHome(name: ProgramName, path: string): Promise<string[]> {
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory()
  return isFolder ? [join(path, RELEASES[name].binary), join(path, 'bin', `${name}-server`)] : [path]
}

const NOT_THERE = 'it does not exist'

/** The first that is executable, tells its version and, for Grafana, has its home; or why the last one that exists is none. */
async function firstUsable(
  name: ProgramName,
  candidates: readonly string[],
  origin: Program['origin'],
  { env, signal }: ProgramSearch,
): Promise<[Program, ''] | [undefined, string]> {
  let why = NOT_THERE
  for (const candidate of candidates) {
    try {
      await access(candidate, constants.F_OK)
    } catch {
      continue
    }
    try {
      const command = await realpath(candidate)
      await access(command, constants.X_OK)
      const home = name === 'grafana' ? await grafanaHome(command) : dirname(command)
      const said = await runProgram(command, [name === 'kind' ? 'version' : '--version'], {
        env,
        signal,
        patience: VERSION_PATIENCE_MS,
      })
      const version = /\bv?(\d+\.\d+\.\d+)/.exec(said)?.[1]
      return [{ command, home, origin, ...(version && { version }) }, '']
    } catch (error) {
      signal.throwIfAborted()
      why = `${candidate}: ${messageOf(error)}`
    }
  }
  return [undefined, why]
}

/** Grafana serves files from its home folder, which packages put elsewhere than the binary. */
async function grafanaHome(command: string): Promise<string> {
  const prefix = dirname(dirname(command))
  const homes = [prefix, join(prefix, 'share/grafana'), '/usr/share/grafana']
  for (const home of homes) {
    if (await stat(join(home, 'conf/defaults.ini')).catch(() => undefined)) return home
  }
  throw new Error(`no conf/defaults.ini in ${homes.join(', ')}`)
}
