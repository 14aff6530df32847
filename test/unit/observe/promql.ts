// Holds PromQL against the grammar that Prometheus' own editor uses.

import { parser } from '@prometheus-io/lezer-promql'

/** Where the text is no PromQL; undefined when it is. Grafana's variables stand for what they become. */
export function syntaxError(promql: string): string | undefined {
  const text = promql.replaceAll('$__rate_interval', '5m')
  let error: string | undefined
  parser.parse(text).iterate({
    enter: (node) => {
      if (node.type.isError)
        error ??= `at ${node.from}: ${text.slice(Math.max(0, node.from - 20), node.from + 20)}`
    },
  })
  return error
}

/** Every vector selector in the text. */
export function selectors(promql: string): string[] {
  const text = promql.replaceAll('$__rate_interval', '5m')
  const found: string[] = []
  parser.parse(text).iterate({
    enter: (node) => {
      if (node.name === 'VectorSelector') found.push(text.slice(node.from, node.to))
    },
  })
  return found
}
