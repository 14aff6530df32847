// What a version beside the serving one does, in the same few words wherever a command names it.

import { percent } from '../format.ts'

/** "answers 10 % of the texts", or of a shadow "reads the same texts". */
export function canaryDoes({ mode, share }: { mode: 'canary' | 'shadow'; share: number }): string {
  return mode === 'shadow' ? 'reads the same texts' : `answers ${percent(share)} of the texts`
}
