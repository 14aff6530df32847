// How a command that is recommended names its stack: the default one needs no flag.

/** ` --name b`, or nothing for the default stack: to be put behind a command's name. */
export function nameFlag(stack: string): string {
  return stack === 'fnd' ? '' : ` --name ${stack}`
}
