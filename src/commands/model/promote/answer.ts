// What `fnd model promote --json` prints.

import { aliasMoved } from '../alias-moved.ts'

export const answer = aliasMoved
