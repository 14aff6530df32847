// What `fnd model rollback --json` prints.

import { aliasMoved } from '../alias-moved.ts'

export const answer = aliasMoved
