// A pull of a 500 MB bundle beside `aws s3 cp` and `rclone copy` of the same objects from the same server (versitygw on this
// machine), in turns. Needs the AWS CLI (pip install awscli) or rclone, or both, and GNU time. FND_BENCH_ROUNDS: how often, FND_BENCH_MB: how large.

import { execFileSync, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bundledFolder } from '../dist/detector/bundled.js'
import { packageRoot } from '../dist/package.js'
import { median } from './figures.js'

export async function run() {
  const rounds = Number(process.env.FND_BENCH_ROUNDS ?? 3)
  const size = Number(process.env.FND_BENCH_MB ?? 500) * 1_000_000
  const port = 17_900 + Math.floor(Math.random() * 90)
  const scratch = mkdtempSync(join(tmpdir(), 'fnd-bench-pull-'))
  const env = {
    ...process.env,
    HOME: scratch,
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench-secret',
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    RCLONE_CONFIG_S3_TYPE: 's3',
    RCLONE_CONFIG_S3_PROVIDER: 'Other',
    RCLONE_CONFIG_S3_ENV_AUTH: 'true',
    RCLONE_CONFIG_S3_ENDPOINT: `http://127.0.0.1:${port}`,
  }

  const bench = { env, scratch }
  const program = execFileSync(`${packageRoot}scripts/s3-server.sh`, { encoding: 'utf8' }).trim()
  mkdirSync(join(scratch, 'served', 'models'), { recursive: true })
  const server = spawn(program, ['--port', `127.0.0.1:${port}`, '-q', 'posix', join(scratch, 'served')], {
    env: { ROOT_ACCESS_KEY_ID: 'bench', ROOT_SECRET_ACCESS_KEY: 'bench-secret' },
    stdio: 'ignore',
  })
  try {
    await sleep(1500)
    const bundle = join(scratch, 'bundle')
    mkdirSync(bundle)
    const contents = {
      'model.onnx': randomBytes(size),
      'tokenizer.json': Buffer.from('{}'),
      'config.json': readFileSync(join(bundledFolder('base'), 'config.json')),
    }
    const files = Object.entries(contents).map(([path, bytes]) => {
      writeFileSync(join(bundle, path), bytes)
      return { path, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
    })
    writeFileSync(
      join(bundle, 'manifest.json'),
      JSON.stringify({ schema: 1, name: 'big', version: '1', files }),
    )
    const fnd = [process.execPath, join(packageRoot, 'bin/fnd.js')]
    timed(bench, [...fnd, 'model', 'push', bundle, 's3://models/big', '--quiet'])

    const copy = join(scratch, 'copy')
    const others = Object.entries({
      aws: ['aws', 's3', 'cp', '--recursive', '--quiet', 's3://models/big', copy],
      rclone: ['rclone', 'copy', '--quiet', 's3:models/big', copy],
    }).filter(([program]) => canRun(program))
    const figures = { fnd: [], ...Object.fromEntries(others.map(([name]) => [name, []])) }
    for (let round = 0; round < rounds; round += 1) {
      rmSync(join(scratch, '.cache'), { recursive: true, force: true })
      figures.fnd.push(timed(bench, [...fnd, 'model', 'pull', 's3://models/big@1', '--quiet']))
      for (const [name, command] of others) {
        rmSync(copy, { recursive: true, force: true })
        figures[name].push(timed(bench, command))
      }
    }
    for (const [name, runs] of Object.entries(figures)) {
      const seconds = median(runs.map((run) => run.seconds))
      const peak = Math.max(...runs.map((run) => run.peak))
      console.log(
        `${name.padEnd(6)} ${seconds.toFixed(2)} s, ${(size / 1e6 / seconds).toFixed(0)} MB/s, peak memory ${peak.toFixed(0)} MB`,
      )
    }
    // Round by round: what else this machine does at that time slows both.
    for (const [name] of others) {
      const ratios = figures[name].map(({ seconds }, round) => seconds / figures.fnd[round].seconds)
      console.log(
        `fnd's speed is ${median(ratios).toFixed(2)} of that of ${name} (${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}); fnd also compares every byte with its SHA-256`,
      )
    }
  } finally {
    server.kill('SIGKILL')
    rmSync(scratch, { recursive: true, force: true })
  }
}

function canRun(program) {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Runs a program under GNU time: seconds, and its peak memory in MB. */
function timed({ env, scratch }, command) {
  const report = join(scratch, 'time')
  execFileSync('/usr/bin/time', ['-o', report, '-f', '%e %M', ...command], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [seconds = 0, kilobytes = 0] = readFileSync(report, 'utf8')
    .trim()
    .split('\n')
    .at(-1)
    .split(' ')
    .map(Number)
  return { seconds, peak: kilobytes / 1000 }
}
