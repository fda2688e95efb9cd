#!/usr/bin/env bash
# Everything that must hold, one heading each, to the end whatever fails. The last line counts: N passed, N failed, N skipped
# (every test, and each check before them as one). Tests that need what this machine lacks say so and are skipped.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

passed=0 failed=0 skipped=0
broken=()
results="$(mktemp -d)"
trap 'rm -rf "$results"' EXIT

heading() { printf '\n== %s\n' "$1"; }

check() { # name, command...
  local name="$1" from=$SECONDS
  shift
  heading "$name"
  if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)) broken+=("$name"); fi
  printf -- '-- %s: %d s\n' "$name" $((SECONDS - from))
}

skip() { # name, reason
  heading "$1"
  printf 'skipped: %s\n' "$2"
  skipped=$((skipped + 1))
}

# Jest writes its counts to a file; a suite that could not even load counts as one failure.
tests() { # name, where...
  local name="$1" from=$SECONDS report="$results/$1.json" counts
  shift
  heading "tests: $name"
  timeout 900 jest --ci --json --outputFile="$report" --testPathPatterns "$@" >/dev/null || broken+=("tests: $name")
  if counts=$(node -p "
      const r = JSON.parse(require('fs').readFileSync('$report', 'utf8'));
      [r.numPassedTests, r.numFailedTests + r.numRuntimeErrorTestSuites, r.numPendingTests + r.numTodoTests].join(' ')" 2>/dev/null); then
    read -r p f s <<<"$counts"
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  else
    echo "jest ended without a report"
    failed=$((failed + 1))
  fi
  printf -- '-- tests: %s: %d s\n' "$name" $((SECONDS - from))
}

# promtool comes out of Debian's package of Prometheus, without installing (and so starting) the service.
find_promtool() {
  command -v promtool && return
  local home="${XDG_CACHE_HOME:-$HOME/.cache}/deskwire"
  [ -x "$home/promtool" ] && echo "$home/promtool" && return
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
  mkdir -p "$home" "$results/deb"
  (
    cd "$results/deb" || exit 1
    timeout 120 apt-get download -qq prometheus >/dev/null 2>&1 ||
      { [ "$(id -u)" = 0 ] && timeout 120 apt-get update -qq >/dev/null 2>&1 && timeout 120 apt-get download -qq prometheus >/dev/null 2>&1; } || exit 1
    dpkg-deb --fsys-tarfile prometheus_*.deb | tar -xO ./usr/bin/promtool >"$home/promtool.new" && chmod +x "$home/promtool.new" && mv "$home/promtool.new" "$home/promtool"
  ) >&2 || return 1
  echo "$home/promtool"
}

find_chromium() {
  command -v chromium || command -v chromium-browser || command -v google-chrome && return
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  { DEBIAN_FRONTEND=noninteractive timeout 300 apt-get install -y -qq --no-install-recommends chromium ||
    { timeout 120 apt-get update -qq && DEBIAN_FRONTEND=noninteractive timeout 300 apt-get install -y -qq --no-install-recommends chromium; }; } >/dev/null 2>&1
  command -v chromium
}

rules() {
  "$promtool" check config prometheus/prometheus.yml && "$promtool" check rules prometheus/alerts.yml && "$promtool" test rules prometheus/alerts.test.yml
}

echo "Node $(node --version), npm $(npm --version), $(nproc) cores"
[ -n "${DESKWIRE_DATA_DIR:-}" ] || echo "DESKWIRE_DATA_DIR is not set: tests that read real instrument masters are skipped"

# Lint takes as long as the three after it together: on two cores they run beside it.
npm run --silent lint >"$results/lint.log" 2>&1 &
linting=$!
lint_result() {
  wait "$linting"
  local result=$?
  cat "$results/lint.log"
  return "$result"
}
check types npm run --silent types
check "dependency plan" npm run --silent plan
check "dead code" npm run --silent dead
check lint lint_result
if promtool=$(find_promtool); then check "alert rules" rules; else skip "alert rules" "no promtool, and it could not be fetched (Debian: apt-get download prometheus)"; fi
check build npm run --silent build
if CHROMIUM_PATH=$(find_chromium); then
  export CHROMIUM_PATH
else
  unset CHROMIUM_PATH
  echo "no Chromium (Debian: apt-get install chromium): tests of the live page are skipped"
fi
tests unit "$PWD/(libs|apps|migrations)/"
tests integration /test/integration/
tests e2e /test/e2e/

echo
for name in "${broken[@]+"${broken[@]}"}"; do echo "failed: $name"; done
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ] && [ "${#broken[@]}" = 0 ]
