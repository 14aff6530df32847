// Notes of a stack on a narrow terminal.

import { expect, it } from 'vitest'
import { noteText } from '../../../src/commands/note-text.ts'

it('breaks a sentence, and never a line that is to be copied', () => {
  expect(noteText('Load it into Docker, then run it again', 20, '  ')).toBe(
    '  Load it into\n  Docker, then run\n  it again',
  )
  expect(noteText('  export KUBECONFIG=/home/you/a/long/path', 20, '  ')).toBe(
    '    export KUBECONFIG=/home/you/a/long/path',
  )
})
