// A program from Debian's or Ubuntu's archive, without root and without touching the system: own lists, download, unpack.

import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { runProgram } from '../run-program.ts'
import type { Progress } from '../runtime.ts'

export interface DebianRequest {
  /** The package's name. */
  package: string
  /** fnd's own folder for apt's lists and archives. */
  folder: string
  /** Where the unpacked package goes; it appears whole or not at all. */
  to: string
  env: NodeJS.ProcessEnv
  progress: Progress
  signal: AbortSignal
}

const PATIENCE_MS = 300_000

/**
 * Asks the archives that this machine already trusts (apt checks their signatures) and unpacks the package into `to`.
 *
 * @throws Error with what apt or dpkg said.
 */
export async function unpackDebianPackage(request: DebianRequest): Promise<void> {
  const { folder, to, env, progress, signal } = request
  for (const part of ['lists/partial', 'cache/archives/partial'])
    await mkdir(`${folder}/${part}`, { recursive: true, mode: 0o700 })
  const config = `${folder}/apt.conf`
  await writeFile(config, aptConfig(folder), { mode: 0o600 })
  const work = await mkdtemp(`${folder}/work-`)
  const run = (command: string, args: string[]) =>
    runProgram(command, args, { env: { ...env, LC_ALL: 'C' }, cwd: work, signal, patience: PATIENCE_MS })
  try {
    progress.update('reading the lists of the package archive')
    await run('apt-get', ['-c', config, '-qq', 'update'])
    progress.update(`downloading the package ${request.package}`)
    await run('apt-get', ['-c', config, '-qq', 'download', request.package])
    const archive = (await readdir(work)).find((file) => file.endsWith('.deb'))
    if (!archive) throw new Error(`apt-get downloaded no package ${request.package}`)
    progress.update('unpacking')
    await run('dpkg', ['-x', archive, 'unpacked'])
    await rm(to, { recursive: true, force: true })
    await rename(`${work}/unpacked`, to)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Read after the system's own configuration: keeps its sources and keys, moves all that apt writes, drops its hooks. */
function aptConfig(folder: string): string {
  return `Dir::State "${folder}";
Dir::State::lists "${folder}/lists";
Dir::Cache "${folder}/cache";
Dir::Log "${folder}";
APT::Sandbox::User "";
APT::Get::List-Cleanup "true";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "10";
Acquire::https::Timeout "10";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
`
}
