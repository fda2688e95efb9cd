#!/usr/bin/env bash
# Runs every check and every test, to the end whatever fails. The last line counts them: N passed, N failed, N skipped.
# A test that needs what this machine lacks is skipped and listed by name. Up to three suites that fail run again alone: what
# passes then is listed as unsteady. DESKWIRE_TEST_REQUIRE names what must be there,
# `tools` (promtool, Chromium, Redis) or `data` (DESKWIRE_DATA_DIR), or both: a test skipped for want of it fails.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

passed=0 failed=0 skipped=0
broken=() missing=()
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

requires() { [[ " ${DESKWIRE_TEST_REQUIRE:-} " == *" $1 "* ]]; }
heading() { printf '\n== %s\n' "$1"; }

# Runs a command with its output kept for `result`.
keep() { # name, command...
  local name="$1" from=$SECONDS
  shift
  "$@" >"$work/$name.log" 2>&1
  echo "$? $((SECONDS - from))" >"$work/$name.new"
  mv "$work/$name.new" "$work/$name.result"
}

# Waits for a command that `keep` runs or has run, shows its output and counts it.
result() { # name
  local name="$1" status seconds
  until [ -f "$work/$name.result" ]; do sleep 0.1; done
  read -r status seconds <"$work/$name.result"
  heading "$name"
  cat "$work/$name.log"
  if [ "$status" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)) broken+=("$name"); fi
  printf -- '-- %s: %d s\n' "$name" "$seconds"
}

check() { # name, command...
  keep "$@"
  result "$1"
}

# A program out of Debian's package, without installing (and so starting) its service.
find_packaged() { # package, program
  command -v "$2" && return
  local home="${XDG_CACHE_HOME:-$HOME/.cache}/deskwire"
  [ -x "$home/$2" ] && echo "$home/$2" && return
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
  mkdir -p "$home" "$work/deb-$1"
  (
    cd "$work/deb-$1" || exit 1
    [ -n "$(ls)" ] || timeout 120 apt-get download -qq "$1" >/dev/null 2>&1 ||
      { [ "$(id -u)" = 0 ] && timeout 120 apt-get update -qq >/dev/null 2>&1 && timeout 120 apt-get download -qq "$1" >/dev/null 2>&1; } || exit 1
    dpkg-deb --fsys-tarfile "$1"_*.deb | tar -xO "./usr/bin/$2" >"$home/$2.new" && chmod +x "$home/$2.new" && mv "$home/$2.new" "$home/$2"
  ) >&2 || return 1
  echo "$home/$2"
}

install() { # package
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  { DEBIAN_FRONTEND=noninteractive timeout 300 apt-get install -y -qq --no-install-recommends "$1" ||
    { timeout 120 apt-get update -qq && DEBIAN_FRONTEND=noninteractive timeout 300 apt-get install -y -qq --no-install-recommends "$1"; }; } >/dev/null 2>&1
}

# The shell without windows takes a fifth less processor time; Ubuntu has no package of it.
find_chromium() {
  local name
  for name in chromium-headless-shell chromium chromium-browser google-chrome; do command -v "$name" && return; done
  for name in chromium-headless-shell chromium; do install "$name" && command -v "$name" && return; done
  return 1
}

# The tests start servers of their own. Debian's package also starts one where a service manager runs, as after any apt-get install.
find_redis() {
  command -v redis-server >/dev/null || install redis-server
}

# rule-mutations.spec.ts runs the tests of the rules, on each rule and on its faults.
rules() {
  "$promtool" check config prometheus/prometheus.yml && "$promtool" check rules prometheus/alerts.yml
}

# The linter checks the types, too.
checks=(lint format "dependency plan" "dead code")
first_checks() { keep lint oxlint; }
other_checks() {
  keep format prettier --check --log-level warn .
  keep "dependency plan" npm run --silent plan
  keep "dead code" npm run --silent dead
  [ -z "$promtool" ] || keep "alert rules" rules
}

echo "Node $(node --version), npm $(npm --version), $(nproc) cores"
[ -n "${DESKWIRE_DATA_DIR:-}" ] || echo "DESKWIRE_DATA_DIR is not set: tests that read real data are skipped"

first_checks &
check build npm run --silent build
if CHROMIUM_PATH=$(find_chromium); then export CHROMIUM_PATH; else unset CHROMIUM_PATH; fi
find_redis || echo "redis-server is not installed, and could not be: tests with Redis are skipped (apt-get install redis-server)"
find_packaged prometheus prometheus >/dev/null
if promtool=$(find_packaged prometheus promtool); then
  checks+=("alert rules")
elif requires tools; then
  failed=$((failed + 1)) broken+=("alert rules: no promtool, and it could not be fetched")
else
  skipped=$((skipped + 1)) missing+=("alert rules (no promtool, and it could not be fetched: apt-get download prometheus)")
fi
if ! find_packaged prometheus-alertmanager amtool >/dev/null; then
  if requires tools; then
    failed=$((failed + 1)) broken+=("Alertmanager: no amtool, and it could not be fetched")
  else
    missing+=("tests of Alertmanager (no amtool, and it could not be fetched: apt-get download prometheus-alertmanager)")
  fi
fi
# In CI the tests begin after the checks: a run that takes longer is better than one that fails because the machine is busy.
other_checks &
[ "${CI:-}" = true ] && wait

heading tests
rm -rf coverage
from=$SECONDS report="$work/report.json"
# Counting what runs takes a fifth longer: CI does it, and `npm run coverage`.
coverage=() && [ "${CI:-}" = true ] && coverage=(--coverage)
report_of() { node scripts/test-report.mjs "$@"; }
run_jest() { # report, argument...
  timeout 3600 jest --ci "${@:2}" --json --outputFile="$1" >/dev/null
}
if ! run_jest "$report" "${coverage[@]+"${coverage[@]}"}"; then
  mapfile -t suites < <(report_of again "$report")
  if [ "${#suites[@]}" = 0 ]; then
    broken+=("tests")
  else
    heading "failed suites again, alone"
    run_jest "$work/again.json" --maxWorkers=1 --runTestsByPath "${suites[@]}" || broken+=("tests")
  fi
fi
counts=$(report_of count "$report" "$work/names" "$work/again.json") || counts="0 1 0"
read -r p f s <<<"$counts"
passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
printf -- '-- tests: %d s\n' $((SECONDS - from))

[ "${CI:-}" = true ] && check coverage node scripts/coverage.mjs
for name in "${checks[@]}"; do result "$name"; done

heading summary
for name in "${missing[@]+"${missing[@]}"}"; do echo "skipped: $name"; done
cat "$work/names" 2>/dev/null
for name in "${broken[@]+"${broken[@]}"}"; do echo "failed: $name"; done
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ] && [ "${#broken[@]}" = 0 ]
