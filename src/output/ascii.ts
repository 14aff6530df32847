// What is drawn and written with more than ASCII, in ASCII: for terminals whose locale has no more.

const TABLE: Readonly<Record<string, string>> = {
  // Trend lines and bars, in their order of height and of darkness.
  '▁': '_',
  '▂': '.',
  '▃': ',',
  '▄': '-',
  '▅': '~',
  '▆': '+',
  '▇': '*',
  '█': '#',
  '▓': '=',
  '░': '-',
  '·': '.',
  '│': '|',
  // Marks and arrows.
  '√': '+',
  '‼': '!',
  '×': 'x',
  '…': '.',
  '↑': '^',
  '↓': 'v',
  '→': '>',
  '←': '<',
  '−': '-',
  // Letters of prose.
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
  µ: 'u',
}
const KNOWN = new RegExp(`[${Object.keys(TABLE).join('')}]`, 'gu')

/** The text with each of these characters replaced by one of ASCII, so that columns stay where they are. */
export function toAscii(text: string): string {
  return text.replace(KNOWN, (character) => TABLE[character] ?? character)
}

/** Whether the locale says that the terminal shows no Unicode (POSIX: the first of these that is set counts). */
export function asciiOnly(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG
  return Boolean(locale) && !/utf-?8/i.test(locale ?? '')
}
