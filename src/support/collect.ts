// Gathers what a bug report needs into one folder: each part for itself, so that one that fails does not cost the others.

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { Settings } from '../config/schema.ts'
import { messageOf } from '../errors/error.ts'
import { prometheusClient } from '../observe/prometheus.ts'
import type { CheckResult, Runtime } from '../runtime/runtime.ts'
import { type Redaction, redact } from './redact.ts'

export interface SupportInput {
  runtime: Runtime
  settings: Settings
  /** Versions of fnd, Node.js and the platform. */
  versions: Readonly<Record<string, string>>
  home: string | undefined
  signal: AbortSignal
}

/** One file of the report. */
export interface SupportPart {
  file: string
  /** Why it could not be had; absent when it is there. */
  problem?: string
}

/** Fills `folder`; every file has passed through `redact`. */
export async function collectSupport(
  { runtime, settings, versions, home, signal }: SupportInput,
  folder: string,
): Promise<SupportPart[]> {
  const parts: SupportPart[] = []
  const redaction: Redaction = { secrets: [settings.backend.apiKey ?? ''], home }
  const write = async (file: string, text: string, rules: Redaction = redaction) => {
    const path = join(folder, file)
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeFile(path, redact(text, rules), { mode: 0o600 })
    parts.push({ file })
  }
  const part = async (file: string, gather: () => Promise<unknown>) => {
    try {
      await write(file, `${JSON.stringify(await gather(), undefined, 2)}\n`)
    } catch (error) {
      signal.throwIfAborted()
      parts.push({ file, problem: redact(messageOf(error), redaction) })
    }
  }
  const checks = async (phase: 'before' | 'after') => {
    const results: CheckResult[] = []
    for await (const result of runtime.check(phase, signal)) results.push(result)
    return results.map(({ error: _, ...told }) => told)
  }

  await part('versions.json', async () => ({ ...versions, runtime: runtime.name, why: runtime.why }))
  await part('settings.json', async () => settings)
  await part('status.json', () => runtime.status(signal))
  await part('checks-before.json', () => checks('before'))
  await part('checks-after.json', () => checks('after'))
  await part('prometheus.json', async () => {
    await using endpoints = await runtime.endpoints(signal)
    if (!endpoints.prometheus) throw new Error('Prometheus is not part of this stack')
    const client = prometheusClient(endpoints.prometheus)
    const [version, targets, rules, alerts] = await Promise.all([
      client.version(signal),
      client.targets(signal),
      client.rules(signal),
      client.alerts(signal),
    ])
    return { version, targets, rules, alerts }
  })
  try {
    const evidence = await runtime.evidence(signal)
    for (const entry of await readdir(evidence, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      await write(join('evidence', relative(evidence, path)), await readFile(path, 'utf8'))
    }
    // It is all in the report now; only the evidence of a failure stays on this machine.
    await rm(evidence, { recursive: true, force: true })
  } catch (error) {
    signal.throwIfAborted()
    parts.push({ file: 'evidence', problem: redact(messageOf(error), redaction) })
  }
  return parts
}
