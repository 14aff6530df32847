// Bytes of a page to text: byte-order mark, then the HTTP header, then what the page says of itself, then a guess.

const LOOK_AT = 1024

/**
 * Decodes a page in the order of the HTML standard's encoding sniffing. A label nobody knows is passed over; with none at all it
 * is UTF-8 where the bytes are valid UTF-8, else windows-1252, the standard's fallback.
 */
export function decodePage(body: Uint8Array, contentType: string): string {
  const start = new TextDecoder('latin1').decode(body.subarray(0, LOOK_AT))
  const labels = [
    markOf(body),
    /charset\s*=\s*"?([\w.:-]+)/i.exec(contentType)?.[1],
    /<meta[^>]+charset\s*=\s*["']?([\w.:-]+)/i.exec(start)?.[1],
  ]
  for (const label of labels) {
    const decoder = label && decoderOf(label)
    if (decoder) return decoder.decode(body)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return new TextDecoder('windows-1252').decode(body)
  }
}

function markOf(body: Uint8Array): string | undefined {
  const [a, b, c] = body
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8'
  if (a === 0xfe && b === 0xff) return 'utf-16be'
  return a === 0xff && b === 0xfe ? 'utf-16le' : undefined
}

function decoderOf(label: string): InstanceType<typeof TextDecoder> | undefined {
  try {
    return new TextDecoder(label)
  } catch {
    return undefined
  }
}
