// HTML from templates: every value is escaped, only HTML made here goes in as it is.

/** A piece of HTML that is safe to insert. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Value = Html | string | number | readonly Html[]

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(value: Value): string {
  if (value instanceof Html) return value.text
  if (typeof value === 'object') return value.map((part) => part.text).join('')
  return String(value).replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char)
}

/** A template literal whose values are escaped. */
export function html(strings: TemplateStringsArray, ...values: Value[]): Html {
  return new Html(strings.reduce((text, part, at) => `${text}${escaped(values[at - 1] ?? '')}${part}`))
}

/** Data for a `<script type="application/json">`: no value in it can end the element or open a comment. */
export function jsonScript(id: string, data: unknown): Html {
  const text = JSON.stringify(data).replace(/</g, '\\u003c')
  return new Html(`<script type="application/json" id="${id}">${text}</script>`)
}
