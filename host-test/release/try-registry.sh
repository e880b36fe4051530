#!/usr/bin/env bash
# Publishes dist/ to a registry on this machine, downloads it and compares: every
# part of publishing that needs no account.
#
#   host-test/release/try-registry.sh [PORT]
#
# It needs curl, `docker-registry` (Debian's package of that name) and what
# publish.sh needs.
set -euo pipefail
cd "$(dirname "$0")/../.."
PATH="$PWD/target/tools/bin:$PATH"
registry="localhost:${1:-5055}"

work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
cat >"$work/server.yml" <<EOF
version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: $work/storage } }
http: { addr: "127.0.0.1:${registry#*:}" }
EOF
docker-registry serve "$work/server.yml" &
server=$!
for _ in $(seq 100); do
  curl --silent --fail --output /dev/null "http://$registry/v2/" && break
  kill -0 "$server"
  sleep 0.1
done

host-test/release/publish.sh "$registry/rawdash" --insecure "$registry"

# The packages are found with the same configuration as on ghcr.io.
export WKG_CONFIG_FILE="$work/registries.toml" WKG_CACHE_DIR="$work/cache"
{
  sed "s/ghcr\.io/$registry/g" host-test/release/registries.toml
  printf '[registry."%s".oci]\nprotocol = "http"\n' "$registry"
} >"$WKG_CONFIG_FILE"

compare() { # NAME FILE
  local name=$1 file=$2 version manifest layer
  version=${file%.wasm}
  version=${version##*-}
  wkg get "rawdash:$name@$version" --format wasm --output "$work/$name.wasm"
  cmp "$file" "$work/$name.wasm"
  # A manifest is named by its own digest; it names the file by the file's digest.
  curl --silent --fail --header 'Accept: application/vnd.oci.image.manifest.v1+json' \
    "http://$registry/v2/rawdash/$name/manifests/$version" >"$work/$name.json"
  jq . "$work/$name.json"
  layer=$(jq --raw-output '.layers[0].digest' "$work/$name.json")
  test "$layer" = "sha256:$(sha256sum "$file" | cut -d ' ' -f 1)"
  manifest=sha256:$(sha256sum "$work/$name.json" | cut -d ' ' -f 1)
  wkg oci pull --insecure "$registry" "$registry/rawdash/$name@$manifest" \
    --output "$work/by-digest.wasm"
  cmp "$file" "$work/by-digest.wasm"
  echo "$name $version came back the same: $layer"
}
compare connector-auth0 dist/rawdash_connector_auth0-*.wasm
compare connector dist/rawdash-connector-*.wasm
