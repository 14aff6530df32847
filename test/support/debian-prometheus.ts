// The real prometheus and promtool for tests: from PATH, or Debian's package unpacked into a cache folder (nothing is installed).

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** The path of a program of Prometheus' distribution; undefined where it can neither be found nor fetched. */
export function prometheusProgram(name: 'prometheus' | 'promtool'): string | undefined {
  const inPath = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))
  if (inPath) return inPath
  const cache = process.env.FND_TEST_CACHE ?? join(tmpdir(), 'fnd-test-cache')
  const home = join(cache, 'debian-prometheus')
  if (!existsSync(home)) {
    mkdirSync(cache, { recursive: true })
    const work = mkdtempSync(join(cache, 'unpack-'))
    try {
      execFileSync('apt-get', ['download', 'prometheus'], { cwd: work, stdio: 'ignore' })
      const archive = readdirSync(work).find((file) => file.endsWith('.deb'))
      if (!archive) return undefined
      execFileSync('dpkg', ['-x', archive, 'root'], { cwd: work })
      if (!existsSync(home)) renameSync(join(work, 'root'), home)
    } catch {
      return undefined
    } finally {
      rmSync(work, { recursive: true, force: true })
    }
  }
  return join(home, 'usr', 'bin', name)
}
