// Templates are YAML documents whose scalars name values; they are filled as trees, never as text, so no value can break out.
//
// Two rules, and no others:
//   key: ${a.b}         the value itself, whatever its type; where it is undefined, the key (or list item) goes with it
//   key: x-${a.b}-y     the value as part of a string
// A mapping that says `$if: ${a.b}` is there only where the value is neither undefined nor false.

import { isAlias, isMap, isScalar, isSeq, type ParsedNode, parseAllDocuments, stringify } from 'yaml'

/** What a template may be filled with. */
export type Value =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly Value[]
  | { readonly [key: string]: Value }

const WHOLE = /^\$\{([A-Za-z][\w.]*)\}$/
const PART = /\$\{([A-Za-z][\w.]*)\}/g
const CONDITION = '$if'

/**
 * Fills every document of a template.
 *
 * @throws Error for a template that is no YAML or names a value that does not exist: a defect of the template.
 */
export function fillTemplate(template: string, values: Value): Value[] {
  return parseAllDocuments(template).flatMap((document) => {
    const problem = document.errors[0] ?? document.warnings[0]
    if (problem) throw problem
    const filled = document.contents === null ? undefined : fill(document.contents as ParsedNode, values)
    return filled === undefined ? [] : [filled]
  })
}

/** YAML that reads the same under YAML 1.1 (kubectl, Prometheus, Grafana) and 1.2; keys stay in their order. */
export function toYaml(value: Value): string {
  return stringify(value, { compat: 'yaml-1.1', lineWidth: 0, aliasDuplicateObjects: false })
}

function fill(node: ParsedNode | null, values: Value): Value {
  if (node === null) return null
  if (isAlias(node)) throw new Error(`Template holds an alias: *${node.source}`)
  if (isScalar(node)) return fillScalar(node.value as Value, values)
  if (isSeq(node)) return node.items.map((item) => fill(item, values)).filter((item) => item !== undefined)
  if (!isMap(node)) return undefined
  const condition = node.items.find(({ key }) => keyOf(key) === CONDITION)
  if (condition) {
    const present = fill(condition.value, values)
    if (present === undefined || present === false) return undefined
  }
  const filled: Record<string, Value> = {}
  for (const item of node.items) {
    const content = item === condition ? undefined : fill(item.value, values)
    if (content !== undefined) filled[keyOf(item.key)] = content
  }
  return filled
}

const keyOf = (key: unknown): string => String(isScalar(key) ? key.value : key)

function fillScalar(scalar: Value, values: Value): Value {
  if (typeof scalar !== 'string') return scalar
  const whole = WHOLE.exec(scalar)
  if (whole?.[1]) return structuredClone(lookUp(whole[1], values))
  return scalar.replace(PART, (_, path: string) => {
    const value = lookUp(path, values)
    if (typeof value === 'string' || typeof value === 'number') return String(value)
    throw new Error(`Template puts \${${path}} inside a string, but it is no string or number`)
  })
}

function lookUp(path: string, values: Value): Value {
  let at: Value = values
  for (const key of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key))
      throw new Error(`Template names an unknown value: \${${path}}`)
    at = (at as Readonly<Record<string, Value>>)[key]
  }
  return at
}
