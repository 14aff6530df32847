// The log of the backend, written a few lines at a time: a system call for each request costs a busy backend a tenth of its loop.

/** Milliseconds that a line may wait for the next. */
const TOGETHER = 50

export interface LogLines {
  write(line: string): void
  /** Writes what waits. */
  flush(): void
}

/** Gathers lines and hands them on together. */
export function createLogLines(out: (lines: string) => void): LogLines {
  let waiting = ''
  let timer: NodeJS.Timeout | undefined
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    const lines = waiting
    waiting = ''
    if (lines) out(lines)
  }
  return {
    flush,
    write(line) {
      waiting += line
      timer ??= setTimeout(flush, TOGETHER)
    },
  }
}
