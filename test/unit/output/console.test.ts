import { EventEmitter } from 'node:events'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createConsole } from '../../../src/output/console.ts'

function terminal(
  options: { json?: boolean; quiet?: boolean; tty?: boolean; color?: boolean; stack?: string } = {},
) {
  const written = { stdout: '', stderr: '' }
  const stream = (name: 'stdout' | 'stderr') => ({
    isTTY: options.tty ?? false,
    columns: 80,
    write: (text: string) => {
      written[name] += text
    },
  })
  let clock = 0
  const out = createConsole({
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    json: options.json ?? false,
    quiet: options.quiet ?? false,
    color: options.color,
    stack: options.stack,
    now: () => clock,
  })
  return { out, written, pass: (ms: number) => (clock += ms) }
}

describe('the output seam', () => {
  it('keeps the answer on stdout and the talk on stderr', () => {
    const { out, written } = terminal()
    out.say('working')
    out.answer({ label: 'Real' }, (data) => `verdict ${data.label}`)
    expect(written).toEqual({ stdout: 'verdict Real\n', stderr: 'working\n' })
  })

  it('wraps the answer with --json and leaves rows bare', () => {
    const { out, written } = terminal({ json: true })
    out.answer({ a: 1 }, () => 'unused')
    out.row({ b: 2 }, () => 'unused')
    expect(written.stdout).toBe('{"ok":true,"data":{"a":1}}\n{"b":2}\n')
  })

  it('recommends commands that act on the stack of --name', () => {
    const hint = 'Look at `fnd status`; `fnd model list` and `fnd load --help` need no stack.'
    const { out, written } = terminal({ stack: 'b' })
    out.answer({ findings: [{ mend: 'Run `fnd up` again' }] }, ({ findings }) => String(findings[0]?.mend))
    out.answer({}, () => '`FND_OFFLINE=false fnd up` once')
    out.warn('`fnd down --name b` ends it')
    out.error({ code: 'FND_INTERRUPTED', message: 'Interrupted.', hint })
    expect(written.stdout).toBe('Run `fnd up --name b` again\n`FND_OFFLINE=false fnd up --name b` once\n')
    expect(written.stderr).toContain('`fnd down --name b` ends it')
    expect(written.stderr).toContain(
      'Look at `fnd status --name b`; `fnd model list` and `fnd load --help` need no stack.',
    )
  })

  it('reports an error as JSON on stdout with --json, as text on stderr without', () => {
    const report = { code: 'FND_INTERRUPTED', message: 'Interrupted.', hint: 'Run it again.' } as const
    const text = terminal()
    text.out.error(report)
    expect(text.written.stdout).toBe('')
    expect(text.written.stderr).toBe('× Interrupted. [FND_INTERRUPTED]\n  mend  Run it again.\n')
    const json = terminal({ json: true })
    json.out.error(report)
    expect(JSON.parse(json.written.stdout)).toEqual({ ok: false, error: report })
    expect(json.written.stderr).toBe('')
  })

  it('shows steps as plain lines with their time where stderr is no terminal', () => {
    const { out, written, pass } = terminal()
    const step = out.step('Start Prometheus')
    step.update('reading its log')
    pass(1500)
    step.done('version 3.5.0')
    expect(written.stderr).toBe('√ Start Prometheus version 3.5.0 1.5 s\n')
  })

  it('counts on a bar with the unit said once', () => {
    const { out, written, pass } = terminal()
    const requests = out.bar('Sent', 20, 'requests')
    const fetched = out.bar('Fetch', 2048, 'bytes')
    const judged = out.bar('Judged', undefined, 'rows')
    pass(6000)
    requests.advance(1, '1 ok')
    requests.end()
    fetched.advance(1024)
    judged.advance(3)
    expect(written.stderr.split('\n')).toEqual([
      '… Sent   5 % 1 of 20 requests 1 ok',
      '√ Sent 1 request 6 s',
      '… Fetch  50 % 1 KiB of 2 KiB',
      '… Judged 3 rows',
      '',
    ])
  })

  it('counts in a log only once it took long', () => {
    const { out, written, pass } = terminal()
    const bar = out.bar('Judged', undefined, 'rows')
    bar.advance(1)
    expect(written.stderr).toBe('')
    pass(6000)
    bar.advance(1)
    bar.advance(1)
    expect(written.stderr).toBe('… Judged 2 rows\n')
  })

  it('breaks the talk at the width of a terminal, and keeps a line of a log in one', () => {
    const tell = (tty: boolean) => {
      const { out, written } = terminal({ tty, color: true })
      out.step('Find Grafana').warn(`not found: ${'one word after another '.repeat(6)}end`)
      out.say('word '.repeat(30))
      out.error({
        code: 'FND_INTERNAL',
        message: 'wrong '.repeat(20).trim(),
        cause: 'reason '.repeat(20).trim(),
        hint: `Run \`fnd ${'--flag value '.repeat(3)}--last\` ${'and look '.repeat(8)}`,
      })
      const text = stripVTControlCharacters(written.stderr).replaceAll('\r', '\n')
      return text.split('\n').filter((line) => line && !line.startsWith('…'))
    }
    for (const line of tell(true)) expect(line.length, line).toBeLessThanOrEqual(80)
    expect(tell(true).join('\n')).toMatch(
      /\n {2}mend {2}Run `fnd --flag value --flag value --flag value --last` and look and\n {8}look/,
    )
    expect(tell(true).find((line) => line.startsWith('‼'))).toMatch(/^‼ Find Grafana not found: one/)
    expect(tell(false)).toHaveLength(5)
  })

  it('redraws one line on a terminal and never writes past its width', () => {
    const { out, written } = terminal({ tty: true, color: false })
    const step = out.step('Wait')
    step.update('x'.repeat(200))
    step.done()
    for (const line of written.stderr.split(/\r|\n/))
      expect(line.replace('\x1b[2K', '').length).toBeLessThanOrEqual(80)
  })

  it('says nothing with --quiet', () => {
    const { out, written } = terminal({ quiet: true })
    out.say('talk')
    out.step('Work').done()
    out.bar('Rows', 10, 'rows').end()
    out.warn('mind the gap')
    expect(written.stderr).toBe('')
  })

  it('lets a long answer wait for a reader that is slow', async () => {
    const slow = Object.assign(new EventEmitter(), { writableNeedDrain: true, write: () => false })
    const out = createConsole({ stdout: slow, stderr: slow, json: false, quiet: true, now: () => 0 })
    let taken = false
    const waiting = out.taken().then(() => {
      taken = true
    })
    await new Promise(setImmediate)
    expect(taken).toBe(false)
    slow.emit('drain')
    await waiting
  })
})
