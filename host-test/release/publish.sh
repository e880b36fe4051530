#!/usr/bin/env bash
# Pushes the component and the contract in dist/ to an OCI registry:
#
#   host-test/release/publish.sh ghcr.io/rawdash
#
# as rawdash/connector-auth0 and rawdash/connector, each under its version,
# with the component's metadata as annotations. Further arguments are passed to
# `wkg oci push`. It needs jq and wkg:
#
#   cargo install wkg --version 0.16.1 --locked --root target/tools
#
# (`wkg publish` of this version expects a package version inside the component,
# where the component model has no place for one.)
set -euo pipefail
namespace=${1:?name the registry and the namespace, such as ghcr.io/rawdash}
shift
cd "$(dirname "$0")/../.."
PATH="$PWD/target/tools/bin:$PATH"

one() { # the only file that matches a pattern
  if [ $# != 1 ] || [ ! -e "$1" ]; then
    echo "not one file: $*; run: cargo run -p release" >&2
    exit 1
  fi
  echo "$1"
}
component=$(one dist/rawdash_connector_auth0-*.wasm)
contract=$(one dist/rawdash-connector-*.wasm)
contract_version=${contract#dist/rawdash-connector-}
contract_version=${contract_version%.wasm}
metadata=$(cargo run --quiet -- describe --json --component "$component" | jq .metadata)
if jq --exit-status '.revision // "-dirty" | endswith("-dirty")' <<<"$metadata" >/dev/null; then
  echo "dist/ is not of a commit; commit, and run again: cargo run -p release" >&2
  exit 1
fi

push() { # NAME VERSION FILE METADATA, and arguments of wkg
  local name=$1 version=$2 file=$3 metadata=$4 annotations
  shift 4
  mapfile -t annotations < <(jq --raw-output '
    (.url = .homepage) | del(.homepage) | to_entries[] |
    "--annotation=org.opencontainers.image.\(.key)=\(.value)"' <<<"$metadata")
  wkg oci push "$namespace/$name:$version" "$file" "${annotations[@]}" "$@"
}
version=$(jq --raw-output .version <<<"$metadata")
push connector-auth0 "$version" "$component" "$metadata" "$@"
push connector "$contract_version" "$contract" "$(jq --arg version "$contract_version" \
  '.version = $version | .description = "The contract between rawdash and its connectors, in WIT."' \
  <<<"$metadata")" "$@"
