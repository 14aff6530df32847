// The live view: redraws in place, follows the terminal's size, listens to keys.

import { setTimeout as sleep } from 'node:timers/promises'
import { reportOf as errorReportOf, isFndError, toFndError } from '../../errors/error.ts'
import { EXIT, type ExitCode } from '../../errors/exit.ts'
import { reportLines } from '../../output/error-text.ts'
import { promDuration } from '../../units.ts'
import type { Context } from '../command.ts'
import { render } from './render.ts'
import { exitOf, type Report } from './report.ts'

const WINDOWS = [60, 300, 900, 3600] as const
const REFRESH_MS = 2000
/** How often size and keys are looked at between two refreshes. */
const TICK_MS = 100

// Control sequences of ECMA-48 and xterm; 2026 is "synchronized output", which terminals that lack it ignore.
const ESC = '\x1b['
const ENTER = `${ESC}?1049h${ESC}?25l`
const LEAVE = `${ESC}?25h${ESC}?1049l`
const FRAME_START = `${ESC}?2026h${ESC}H`
const FRAME_END = `${ESC}J${ESC}?2026l`
const END_OF_LINE = `${ESC}K`
const UP = `${ESC}A`
const DOWN = `${ESC}B`
/** A control sequence is one key. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what keys are.
const KEYS = /\x1b\[[A-D]|./gs

export interface WatchOptions {
  look: (window: number, instances: boolean) => Promise<Report>
  window: number
  instances: boolean
  ctx: Context
}

/** Shows health until q or Ctrl-C; without a terminal, one report after another. */
export function watch(options: WatchOptions): Promise<ExitCode> {
  return options.ctx.out.interactive ? watchOnTerminal(options) : watchAsRows(options)
}

async function watchAsRows({ look, window, instances, ctx }: WatchOptions): Promise<ExitCode> {
  const { out } = ctx
  let told = ''
  while (!ctx.signal.aborted) {
    try {
      const report = await look(window, instances)
      out.row(report, (data, paint) => `${render(data, paint, out.columns)}\n`)
      told = ''
    } catch (error) {
      if (!isFndError(error)) throw error
      // The stack may come back: told once, on stderr, since stdout holds reports alone.
      if (error.message !== told) out.trouble(errorReportOf(error))
      told = error.message
    }
    await sleep(REFRESH_MS, undefined, { signal: ctx.signal }).catch(() => {})
  }
  return EXIT.interrupted
}

async function watchOnTerminal({
  look,
  window: first,
  instances: all,
  ctx,
}: WatchOptions): Promise<ExitCode> {
  const { out, stdin, signal } = ctx
  let window = first
  let instances = all
  let paused = false
  let exit: ExitCode | undefined
  let dirty = true
  let due = 0
  let body = 'Looking…'
  let top = 0
  let report: Report | undefined

  const onKey = (chunk: Buffer | string) => {
    for (const [key] of chunk.toString().matchAll(KEYS)) {
      // Whoever looks and leaves is told what was seen last.
      if (key === 'q') exit = report ? exitOf(report) : EXIT.good
      if (key === 'j' || key === DOWN) top += 1
      if (key === 'k' || key === UP) top -= 1
      if (key === '\x03') exit = EXIT.interrupted
      if (key === 'p') paused = !paused
      if (key === 'v') instances = !instances
      if (key === 'w') window = WINDOWS.find((longer) => longer > window) ?? WINDOWS[0]
      if (key === 'v' || key === 'w') due = 0
      dirty = true
    }
  }
  const draw = () => {
    const all = body.split('\n')
    const room = Math.max(1, out.rows - 1)
    top = Math.max(0, Math.min(top, all.length - room))
    const hidden = all.length - room
    const more = hidden > 0 ? `${hidden - top} more ↓ j${top > 0 ? `, ${top} ↑ k` : ''}  ` : ''
    const footer = `${more}q quit  w window ${promDuration(window)}  p ${paused ? 'go on (paused)' : 'pause'}  v instances`
    const lines = [...all.slice(top, top + room), out.paint.dim(footer.slice(0, out.columns - 1))]
    out.raw(`${FRAME_START}${lines.map((text) => `${out.shown(text)}${END_OF_LINE}`).join('\n')}${FRAME_END}`)
  }

  /** In full where it fits; else without headings and what mends it. */
  const fitted = (seen: Report) => {
    const full = render(seen, out.paint, out.columns)
    const fits = full.split('\n').length < out.rows
    return out.named(fits ? full : render(seen, out.paint, out.columns, true))
  }

  stdin.setRawMode?.(true)
  stdin.on('data', onKey)
  out.raw(ENTER)
  let looking: Promise<void> | undefined
  let failure: unknown
  let size = ''
  try {
    while (exit === undefined && !signal.aborted) {
      if (!looking && performance.now() >= due && (!paused || due === 0)) {
        due = performance.now() + REFRESH_MS
        looking = look(window, instances)
          .then((seen) => {
            report = seen
            body = fitted(seen)
          })
          .catch((error: unknown) => {
            // The stack may come back: say what is wrong and go on looking.
            if (!isFndError(error)) failure = error
            report = undefined
            body = reportLines(out.named(errorReportOf(toFndError(error))), out.paint, out.columns)
          })
          .finally(() => {
            looking = undefined
            dirty = true
          })
      }
      if (failure !== undefined) throw failure
      if (size !== `${out.columns}x${out.rows}`) {
        size = `${out.columns}x${out.rows}`
        if (report) body = fitted(report)
        dirty = true
      }
      if (dirty) draw()
      dirty = false
      await sleep(TICK_MS, undefined, { signal }).catch(() => {})
    }
    return exit ?? EXIT.interrupted
  } finally {
    out.raw(LEAVE)
    stdin.off('data', onKey)
    stdin.setRawMode?.(false)
    stdin.pause()
  }
}
