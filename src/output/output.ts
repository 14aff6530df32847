// The seam between commands and the terminal: stdout carries the answer, stderr the talk.

import type { ErrorReport } from '../errors/error.ts'
import type { Paint } from './paint.ts'

/** Work that takes a while, shown as one line on stderr. Exactly one of done, skip, warn and fail ends it. */
export interface Step {
  /** What it is doing or waiting for now. */
  update(detail: string): void
  done(detail?: string): void
  skip(detail: string): void
  /** It went on without something: `detail` says without what, and what brings it. */
  warn(detail: string): void
  fail(detail: string): void
}

/** Counted work (bytes, rows, seconds), shown as a bar on a terminal and as sparse plain lines elsewhere. */
export interface Bar {
  advance(by: number, detail?: string): void
  end(detail?: string): void
}

/** What a bar counts. */
export type BarUnit = 'bytes' | 'rows' | 'variants' | 'requests' | 'seconds'

export interface Output {
  readonly json: boolean
  readonly quiet: boolean
  /** Columns of the terminal, as it is now; 80 where there is none. */
  readonly columns: number
  /** Rows of the terminal, as it is now; 24 where there is none. */
  readonly rows: number
  /** True when stdout is a terminal: only then may a command redraw. */
  readonly interactive: boolean
  /** Colours for stdout (all of them identity functions when colour is off). */
  readonly paint: Paint
  /** Colours for stderr. */
  readonly talkPaint: Paint
  /** The answer, once: `{ok: true, data}` with --json, the rendered text otherwise. */
  answer<T>(data: T, render: (data: T, paint: Paint) => string): void
  /** One row of a streamed answer: one JSON document a line with --json (no envelope), text otherwise. */
  row<T>(data: T, render: (data: T, paint: Paint) => string): void
  /** The text as the terminal can show it: in ASCII where it has no more. For what goes out raw. */
  shown(text: string): string
  /** Data of an answer that is shown piece by piece, its recommended commands with the --name of this run; `answer` does it itself. */
  named<T>(data: T): T
  /** Raw text to stdout, for completion scripts, manifests and redrawing views. */
  raw(text: string): void
  /** Resolves once stdout takes more: long answers wait for a slow reader instead of piling up. */
  taken(): Promise<void>
  /** A line of talk on stderr; silent with --quiet. */
  say(text: string): void
  /** A warning on stderr; silent with --quiet. */
  warn(text: string): void
  step(title: string): Step
  bar(title: string, total: number | undefined, unit: BarUnit): Bar
  /** What is wrong for now and ends nothing: on stderr as text, also with --quiet and --json. */
  trouble(report: ErrorReport): void
  /** An error: on stderr as text; with --json `{ok: false, error}` on stdout. */
  error(report: ErrorReport, stack?: string): void
}
