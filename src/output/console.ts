// The Output that writes to real streams: plain lines, or a live line where stderr is a terminal.

import type { ErrorReport } from '../errors/error.ts'
import { bytes, count, seconds } from '../format.ts'
import { onStack } from '../name-flag.ts'
import { toAscii } from './ascii.ts'
import { reportLines } from './error-text.ts'
import type { Bar, BarUnit, Output, Step } from './output.ts'
import { createPaint } from './paint.ts'
import { hang } from './prose.ts'

interface Stream {
  write(text: string): unknown
  /** What was written has not all left: wait for `drain`. */
  readonly writableNeedDrain?: boolean
  once?(event: 'drain', listener: () => void): unknown
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}

export interface ConsoleOptions {
  stdout: Stream
  stderr: Stream
  json: boolean
  quiet: boolean
  /** undefined: colour where the stream is a terminal and NO_COLOR is not set. */
  color?: boolean | undefined
  /** Text for people in ASCII alone; JSON and raw text stay as they are. */
  ascii?: boolean
  /** The stack that --name has named: what is recommended must act on it. A name from elsewhere is found again without a flag. */
  stack?: string | undefined
  /** Milliseconds, for the times of steps. */
  now: () => number
}

/** How much is done, of how much where that is known: "5 of 20 rows", "1.5 MiB of 3 MiB". */
function amount(unit: BarUnit, at: number, total?: number): string {
  const figure = { bytes, seconds, rows: count, variants: count, requests: count }[unit]
  const noun =
    unit === 'bytes' || unit === 'seconds' ? '' : ` ${(total || at) === 1 ? unit.slice(0, -1) : unit}`
  return `${figure(at)}${total ? ` of ${figure(total)}` : ''}${noun}`
}

const REDRAW_MS = 80
const PLAIN_EVERY_MS = 5000

/** An Output over the given streams. */
export function createConsole(options: ConsoleOptions): Output {
  const { stdout, stderr, json, quiet, now } = options
  const live = Boolean(stderr.isTTY) && !quiet
  const paint = createPaint(options.color ?? Boolean(stdout.isTTY))
  const talkPaint = createPaint(options.color ?? Boolean(stderr.isTTY))
  const shown = options.ascii ? toAscii : (text: string) => text
  const named = <T>(value: T): T => (options.stack === undefined ? value : onStack(value, options.stack))
  let liveLine = false
  // A log keeps one line for each thing that happened.
  const talkWidth = () => (stderr.isTTY ? stderr.columns || 80 : Number.POSITIVE_INFINITY)

  const clear = () => {
    if (liveLine) stderr.write('\r\x1b[2K')
    liveLine = false
  }
  const draw = (text: string) => {
    clear()
    stderr.write(shown(text).slice(0, (stderr.columns || 80) - 1))
    liveLine = true
  }
  const talk = (text: string) => {
    clear()
    stderr.write(`${shown(text)}\n`)
  }
  const sentence = (text: string) => talk(hang(named(text), talkWidth(), '  '))
  const trouble = (report: ErrorReport) => talk(reportLines(named(report), talkPaint, talkWidth()))
  const answerText = (text: string) => {
    clear()
    stdout.write(text.endsWith('\n') ? text : `${text}\n`)
  }
  const document = (value: unknown) => answerText(JSON.stringify(value))

  return {
    json,
    quiet,
    get columns() {
      // Some pseudo-terminals say 0: they do not know.
      return stdout.columns || stderr.columns || 80
    },
    get rows() {
      return stdout.rows || 24
    },
    interactive: Boolean(stdout.isTTY) && !json,
    paint,
    talkPaint,
    answer: (data, render) =>
      json ? document({ ok: true, data: named(data) }) : answerText(shown(named(render(named(data), paint)))),
    row: (data, render) => (json ? document(data) : answerText(shown(render(data, paint)))),
    shown,
    named,
    raw: (text) => {
      clear()
      stdout.write(text)
    },
    taken: async () => {
      if (stdout.writableNeedDrain) await new Promise<void>((resolve) => stdout.once?.('drain', resolve))
    },
    say: (text) => {
      if (!quiet) sentence(text)
    },
    warn: (text) => {
      if (!quiet) sentence(`${talkPaint.mark('warning')} ${text}`)
    },
    trouble,
    error: (report, stack) => {
      if (json) document({ ok: false, error: named(report) })
      else trouble(report)
      if (stack) talk(stack)
    },
    step: (title): Step => {
      const start = now()
      let told = ''
      let lastPlain = start
      const end = (sign: string, detail?: string) => {
        if (!quiet) {
          const took = talkPaint.dim(seconds((now() - start) / 1000))
          sentence(`${sign} ${title}${detail ? ` ${talkPaint.dim(detail)}` : ''} ${took}`)
        }
      }
      if (live) draw(`… ${title}`)
      return {
        update: (detail) => {
          if (quiet || detail === told) return
          told = detail
          if (live) draw(`… ${title}: ${detail}`)
          else if (now() - lastPlain >= PLAIN_EVERY_MS) {
            lastPlain = now()
            talk(`… ${title}: ${detail}`)
          }
        },
        done: (detail) => end(talkPaint.mark('good'), detail),
        skip: (detail) => end(talkPaint.dim('-'), detail),
        warn: (detail) => end(talkPaint.mark('warning'), detail),
        fail: (detail) => end(talkPaint.mark('bad'), detail),
      }
    },
    bar: (title, total, unit): Bar => {
      const start = now()
      let at = 0
      // A log gets its first line when it took long, not when it begins.
      let last = live ? Number.NEGATIVE_INFINITY : start
      const line = (detail?: string) => {
        const share = total ? ` ${String(Math.min(100, Math.floor((at / total) * 100))).padStart(3)} %` : ''
        return `${title}${share} ${amount(unit, at, total)}${detail ? ` ${detail}` : ''}`
      }
      return {
        advance: (by, detail) => {
          at += by
          if (quiet || now() - last < (live ? REDRAW_MS : PLAIN_EVERY_MS)) return
          last = now()
          if (live) draw(`… ${line(detail)}`)
          else talk(`… ${line(detail)}`)
        },
        end: (detail) => {
          if (!quiet)
            sentence(
              `${talkPaint.mark('good')} ${title} ${amount(unit, at)}${detail ? ` ${detail}` : ''} ${talkPaint.dim(seconds((now() - start) / 1000))}`,
            )
        },
      }
    },
  }
}
