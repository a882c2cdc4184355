#!/usr/bin/env bash
# Runs this package's Go tests under Yaegi, the interpreter that Traefik runs it with, and prints what `yaegi test -v`
# prints. Arguments are handed on: `./yaegi_test.sh -run Redact`. All tests run: Yaegi has no fuzzing, so it passes over
# the fuzz target, which `go test -fuzz` is for.
set -euo pipefail

version=v0.16.1 # Traefik 3.7's
tap=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${UNDERSTUDY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/understudy}/yaegi-$version

# Built first, outside: fetching it needs modules, which Yaegi's own look-up of packages must do without.
if [[ ! -x $cache/yaegi ]]; then
  mkdir -p "$cache"
  (cd "$cache" && GOBIN=$cache GOFLAGS=-mod=mod go install "github.com/traefik/yaegi/cmd/yaegi@$version") >&2
fi

# plugins-local has the layout of a GOPATH, which is how Traefik finds this package too.
cd "$tap"
GOPATH=${tap%/src/github.com/*} GO111MODULE=off exec "$cache/yaegi" test -v "$@" "${tap##*/plugins-local/src/}"
