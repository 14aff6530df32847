// The exit codes of every command: a contract with scripts, never dependent on the output format.

export const EXIT = {
  good: 0,
  failed: 1,
  usage: 2,
  unhealthy: 3,
  missing: 4,
  timeout: 5,
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
