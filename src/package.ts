// Where this package's own files are, and which version it is.

import { readFileSync } from 'node:fs'
import { dirname, sep } from 'node:path'

/** The folder that holds package.json, as this file stands in src/ (tests) or dist/ (installed). */
export const packageRoot = `${dirname(import.meta.dirname)}${sep}`

/** The compiled form of a source file, for worker threads and child processes: `builtFile('detector/worker.js')`. */
export function builtFile(path: string): string {
  return `${packageRoot}dist/${path}`
}

/** The commit that this package was built from; `unknown` where it was not built from a repository. */
export function packageCommit(): string {
  try {
    return readFileSync(builtFile('COMMIT'), 'utf8')
  } catch {
    return 'unknown'
  }
}

/** This package's version, from package.json. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(`${packageRoot}package.json`, 'utf8')) as { version: string }
  return version
}
