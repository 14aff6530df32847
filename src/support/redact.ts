// Takes secrets and article texts out of what is about to leave the machine.

export interface Redaction {
  /** Values that must not appear, whatever they stand in. */
  secrets: readonly string[]
  /** The user's home folder: its name tells who it is. */
  home: string | undefined
}

/** Shorter ones would cut into ordinary words. */
const LEAST_SECRET = 6

const PATTERNS: readonly [RegExp, string][] = [
  // A text in a JSON body or log line, escaped quotes included.
  [/("(?:text|texts|article|body|sentence)"\s*:\s*)(?:"(?:[^"\\]|\\.)*"|\[[^\]]*\])/g, '$1"(text removed)"'],
  [
    /("(?:apiKey|password|token|secret|authorization|x-api-key)"\s*:\s*)"(?:[^"\\]|\\.)*"/gi,
    '$1"(secret removed)"',
  ],
  [/\b(Bearer|Basic) [\w+/=.~-]{8,}/g, '$1 (secret removed)'],
  [/\b(AKIA|ASIA)[A-Z0-9]{16}\b/g, '(secret removed)'],
  [/-----BEGIN [A-Z ]+-----[\s\S]*?-----END [A-Z ]+-----/g, '(secret removed)'],
  [/(:\/\/)[^/\s:@]+:[^/\s@]+@/g, '$1(secret removed)@'],
]

/** The same text without them. */
export function redact(text: string, { secrets, home }: Redaction): string {
  let clean = text
  for (const secret of secrets) {
    if (secret.length < LEAST_SECRET) continue
    for (const form of [secret, Buffer.from(secret).toString('base64'), encodeURIComponent(secret)])
      clean = clean.replaceAll(form, '(secret removed)')
  }
  for (const [pattern, instead] of PATTERNS) clean = clean.replace(pattern, instead)
  return home && home.length > 1 ? clean.replaceAll(home, '~') : clean
}
