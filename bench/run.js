// Lists the benches and runs those that are named: `npm run bench -- throughput`. They measure dist/: build first.

const BENCHES = {
  throughput:
    'the detector’s pool beside a bare onnxruntime loop on the same cores; FND_BENCH_DATA: a JSONL of texts',
  service: 'a real `fnd serve` under 32 clients beside that loop; texts as above',
  overload:
    'a real `fnd serve` under 8 clients for 60 s, then under twice as many as its queue takes; FND_BENCH_SECONDS, texts as above',
  kind: '`fnd up` on kind beside the same cluster made by hand with kind and kubectl; FND_BENCH_ROUNDS: how often',
  pull: '`fnd model pull` of 500 MB beside `aws s3 cp` and `rclone copy` from the same S3 server; FND_BENCH_ROUNDS, FND_BENCH_MB',
  scrape: 'CPU of one scrape of a real `fnd serve`, beside one look at /health; FND_BENCH_ROUNDS',
  start: '`fnd --help`, `--version` and a cold `fnd predict` beside a bare node',
}

const named = process.argv.slice(2)
const unknown = named.filter((name) => !(name in BENCHES))
if (named.length === 0 || unknown.length) {
  if (unknown.length) console.error(`No bench named ${unknown.join(', ')}.`)
  for (const [name, does] of Object.entries(BENCHES)) console.log(`${name.padEnd(12)} ${does}`)
  process.exitCode = unknown.length ? 2 : 0
} else {
  for (const name of named) await (await import(`./${name}.js`)).run()
}
