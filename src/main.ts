// The program: the only place that touches process.

import { runCli } from './cli.ts'
import { EXIT } from './errors/exit.ts'
import { packageVersion } from './package.ts'

// ONNX Runtime would otherwise keep a telemetry database in the user's home.
process.env.ORT_DISABLE_TELEMETRY ??= '1'

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
process.stdout.on('error', onPipeError)
process.stderr.on('error', onPipeError)

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interruption.signal,
  now: Date.now,
  nodeVersion: process.versions.node,
  version: packageVersion,
})
