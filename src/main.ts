// The program: the only place that touches process.

import { fstatSync, writeSync } from 'node:fs'
import { runCli } from './cli.ts'
import { EXIT } from './errors/exit.ts'
import { packageVersion } from './package.ts'

// ONNX Runtime would otherwise keep a telemetry database in the user's home.
process.env.ORT_DISABLE_TELEMETRY ??= '1'
// The AWS client tells every user of Node.js 20 to upgrade, on standard error.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'

const STDOUT = 1

let finished = false

const interruption = new AbortController()
let interrupts = 0
const onSignal = () => {
  interrupts += 1
  if (interrupts > 1) process.exit(EXIT.interrupted)
  interruption.abort()
}
process.on('SIGINT', onSignal)
process.on('SIGTERM', onSignal)
// A closed pipe (`fnd logs | head`) ends the program quietly.
const onPipeError = (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? EXIT.good : EXIT.failed)
const guarded = (stream: NodeJS.WriteStream) =>
  stream.listeners('error').includes(onPipeError) ? stream : stream.on('error', onPipeError)

/** Writes to stdout without opening its stream, as far as the other side takes it at once. */
function print(text: string): void {
  const bytes = Buffer.from(text)
  let written = 0
  try {
    while (written < bytes.length) written += writeSync(STDOUT, bytes, written)
  } catch {
    // A full pipe that does not block, or one that is closed: the stream knows what to do.
    guarded(process.stdout).write(bytes.subarray(written))
  }
}

runCli(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  // Opened where they are used: each costs a start some milliseconds.
  get stdin() {
    return process.stdin
  },
  get stdout() {
    return guarded(process.stdout)
  },
  get stderr() {
    return guarded(process.stderr)
  },
  signal: interruption.signal,
  // Node.js ends with 0 when nothing is left to do, whoever still waits.
  idle: new Promise((resolve) => process.once('beforeExit', () => finished || resolve())),
  now: Date.now,
  nodeVersion: process.versions.node,
  version: packageVersion,
  print,
  width: () => (fstatSync(STDOUT).isCharacterDevice() ? process.stdout.columns : undefined),
}).then((code) => {
  finished = true
  process.exitCode = code
})
