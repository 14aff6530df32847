#!/usr/bin/env bash
# Sends about 10,000 generated requests to a real `fnd serve` and holds every answer against the served OpenAPI document.
# Needs python3 with venv and PyPI; takes at most 6 minutes. Ends with "N passed, N failed" (requests).
set -uo pipefail
cd "$(dirname "$0")/.."

version=4.32.5 seconds=270 examples=2000
checks=not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance

work=$(mktemp -d)
backend=
cleanup() {
  [ -n "$backend" ] && kill "$backend" 2>/dev/null && wait "$backend"
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

give_up() {
  echo "$1" >&2
  echo '0 passed, 1 failed'
  exit 1
}

python3 -m venv "$work/venv" && "$work/venv/bin/pip" install -q --disable-pip-version-check "schemathesis==$version" ||
  give_up "schemathesis $version could not be installed"

[ -e dist/main.cjs ] || node scripts/build.js || give_up 'the build failed'
HOME=$work FND_PORTS_BACKEND=0 node bin/fnd.js serve >"$work/log" 2>"$work/errors" &
backend=$!
for _ in $(seq 120); do
  grep -q '"msg":"ready"' "$work/log" && break
  kill -0 "$backend" 2>/dev/null || break
  sleep 0.5
done
grep -q '"msg":"ready"' "$work/log" || { cat "$work/log" "$work/errors" >&2; give_up 'the backend did not start'; }
url=$(grep -om1 'http://127.0.0.1:[0-9]*' "$work/log")

cd "$work" && "$work/venv/bin/st" run "$url/openapi.json" --no-color --checks "$checks" --phases examples,coverage,fuzzing \
  --max-examples "$examples" --max-time "$seconds" --workers 4 --continue-on-failure --request-timeout 30 \
  --warnings off --generation-database none | tee "$work/out"
code=${PIPESTATUS[0]}

# The last lines of the summary: "Test cases: 10012 generated, 9981 passed, 31 found 2 unique failures".
generated=$(grep -oE '[0-9]+ generated' "$work/out" | tail -1 | cut -d' ' -f1)
passed=$(grep -oE '[0-9]+ generated, [0-9]+ passed' "$work/out" | tail -1 | cut -d' ' -f3)
: "${generated:=0}" "${passed:=0}"
failed=$((generated - passed))
if ! kill -0 "$backend" 2>/dev/null || ! curl -fsS "$url/ready" >/dev/null; then
  echo 'the backend did not survive' >&2
  failed=$((failed + 1))
fi
if [ "$code" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
if grep -q '"defect"' "$work/log"; then
  grep '"defect"' "$work/log" | head -5 >&2
  failed=$((failed + 1))
fi
[ "$generated" -gt 0 ] || failed=$((failed + 1))
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
