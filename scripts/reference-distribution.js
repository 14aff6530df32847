// Writes `referenceDistribution` into a bundle's manifest: what the bundle answers on texts like those it is made for.
//
//   node scripts/reference-distribution.js <bundle folder> <texts.jsonl> "where the texts are from"
//
// Each line of the file is an object with a `text`, and perhaps a `split`: then only the texts of "val" count.

import { createReadStream, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { createInterface } from 'node:readline'
import { createDetector } from '../dist/detector/create.js'
import { CONFIDENCE_BUCKETS, TOKEN_BUCKETS } from '../dist/service/metric-names.js'

const [folder, file, from] = process.argv.slice(2)
if (!folder || !file || !from) {
  console.error('usage: node scripts/reference-distribution.js <bundle folder> <texts.jsonl> "where from"')
  process.exit(2)
}

const labels = { Fake: 0, Real: 0, Uncertain: 0 }
const confidence = histogram(CONFIDENCE_BUCKETS)
const tokens = histogram(TOKEN_BUCKETS)
let texts = 0

/** Counts in each bucket, not cumulated; the last is beyond the last edge. */
function histogram(edges) {
  return { edges: [...edges], counts: Array.from({ length: edges.length + 1 }, () => 0) }
}

function count({ edges, counts }, value) {
  const at = edges.findIndex((edge) => value <= edge)
  counts[at < 0 ? edges.length : at] += 1
}

const detector = await createDetector({ model: folder, deadline: 3600, workers: availableParallelism() })
async function judge(text) {
  // A text that cannot be judged is none that the service would count.
  const prediction = await detector.predict(text).catch(() => undefined)
  if (!prediction) return
  texts += 1
  labels[prediction.label] += 1
  count(confidence, prediction.confidence)
  count(tokens, prediction.tokens)
}

let batch = []
for await (const line of createInterface({
  input: createReadStream(file),
  crlfDelay: Number.POSITIVE_INFINITY,
})) {
  // The line reader also splits at U+2028, which a JSON string may hold: such a text is left out.
  const row = parsed(line)
  if (typeof row?.text !== 'string' || (row.split ?? 'val') !== 'val') continue
  batch.push(judge(row.text))
  if (batch.length === 64) {
    await Promise.all(batch)
    batch = []
  }
}
await Promise.all(batch)
await detector.drain()
if (texts === 0) throw new Error(`${file} holds no text that can be judged`)

function parsed(line) {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

const path = `${folder}/manifest.json`
const manifest = JSON.parse(readFileSync(path, 'utf8'))
const shares = Object.fromEntries(
  Object.entries(labels).map(([label, n]) => [label, Number((n / texts).toFixed(4))]),
)
manifest.referenceDistribution = { texts, from, labels: shares, confidence, tokens }
writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`)
console.log(`${texts} texts: ${JSON.stringify(shares)}`)
