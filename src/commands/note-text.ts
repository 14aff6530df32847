// How a note of a stack reads on a terminal.

import { hang } from '../output/prose.ts'

/** The note within `width`; a line that is to be copied stays as it is. */
export function noteText(note: string, width: number, indent = ''): string {
  return note.startsWith('  ') ? indent + note : hang(indent + note, width, indent)
}
