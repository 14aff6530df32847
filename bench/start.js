// What starting costs: the program beside a bare node, and a cold `fnd predict` in its own process.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../dist/package.js'
import { median } from './figures.js'

const PAIRS = 15
const FND = join(packageRoot, 'bin/fnd.js')
const TEXT = 'The city council approved a budget for road repairs after a four-hour meeting on Tuesday night.'

const COMMANDS = [
  ['fnd --help', ['--help']],
  ['fnd --version', ['--version']],
  ['fnd predict', ['predict', '--where', 'local', TEXT]],
]

export async function run() {
  const home = mkdtempSync(join(tmpdir(), 'fnd-bench-'))
  try {
    console.log(`medians of ${PAIRS} pairs, each beside its own \`node -e 0\``)
    for (const [name, args] of COMMANDS) {
      const own = []
      const bare = []
      // In pairs: a busy neighbour then hurts both alike.
      for (let pair = 0; pair < PAIRS; pair++) {
        bare.push(seconds(['-e', '0'], home))
        own.push(seconds([FND, ...args], home))
      }
      const ratio = median(own.map((took, pair) => took / bare[pair]))
      console.log(
        `${name.padEnd(14)} ${median(own).toFixed(3)} s, node ${median(bare).toFixed(3)} s, ratio ${ratio.toFixed(2)}`,
      )
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

function seconds(args, home) {
  const began = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home },
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}:\n${stderr}`)
  return (performance.now() - began) / 1000
}
