// How a command that is recommended names its stack: the default one needs no flag.

/** ` --name b`, or nothing for the default stack: to be put behind a command's name. */
export function nameFlag(stack: string): string {
  return stack === 'fnd' ? '' : ` --name ${stack}`
}

/** The commands that act on a stack. */
export const OF_A_STACK =
  'up down status logs open predict load health top slo report check render diff support'.split(' ')

/** Such a command, as texts recommend it; one that has its flag already is left as it is. */
const RECOMMENDED = new RegExp(
  `\`((?:[A-Z_]+=\\S+ )?fnd (?:${OF_A_STACK.join('|')})\\b)(?![^\`]*--(?:name|help))([^\`]*)\``,
  'g',
)

/** A text, or what is made of texts, in which each recommended command acts on this stack. */
export function onStack<T>(value: T, stack: string): T
export function onStack(value: unknown, stack: string): unknown {
  const flag = nameFlag(stack)
  if (!flag) return value
  if (typeof value === 'string') return value.replace(RECOMMENDED, `\`$1$2${flag}\``)
  if (Array.isArray(value)) return value.map((one) => onStack(one, stack))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, onStack(one, stack)]))
}
