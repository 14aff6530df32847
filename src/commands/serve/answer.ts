// What `fnd serve` prints: its log, one document a line.

import { logEntry } from '../backend-log.ts'

export const row = logEntry
