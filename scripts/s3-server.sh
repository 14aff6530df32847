#!/usr/bin/env bash
# Prints the path of the S3 server that the tests use (versitygw, a pinned version with conditional writes), built from
# Go's module proxy into a cache folder when it is not there yet. Ends with 1 where it cannot be had; installs nothing else.
set -euo pipefail
version=v1.8.0
go_version=1.26.0

cache=${FND_TEST_CACHE:-${TMPDIR:-/tmp}/fnd-test-cache}
home=$cache/versitygw-$version
if [ ! -x "$home/versitygw" ]; then
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/build-XXXXXX")
  trap 'chmod -R u+w "$work" 2>/dev/null; rm -rf "$work"' EXIT
  # A machine without Go gets a toolchain from the same proxy, for this build alone.
  if ! command -v go >/dev/null; then
    arch=$(uname -m); arch=${arch/x86_64/amd64}; arch=${arch/aarch64/arm64}
    module="golang.org/toolchain@v0.0.1-go$go_version.linux-$arch"
    curl -fsSL --retry 3 -o "$work/go.zip" \
      "${GOPROXY_URL:-https://proxy.golang.org}/golang.org/toolchain/@v/v0.0.1-go$go_version.linux-$arch.zip" >&2
    python3 -m zipfile -e "$work/go.zip" "$work" >&2
    chmod -R u+x "$work/$module/bin" "$work/$module/pkg/tool"
    export PATH="$work/$module/bin:$PATH" GOMODCACHE="$work/modules" GOCACHE="$work/cache"
  fi
  CGO_ENABLED=0 GOBIN="$work/bin" GOFLAGS=-modcacherw \
    go install -ldflags '-s -w' "github.com/versity/versitygw/cmd/versitygw@$version" >&2
  mkdir -p "$home"
  mv "$work/bin/versitygw" "$home/versitygw"
fi
echo "$home/versitygw"
