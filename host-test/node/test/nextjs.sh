#!/usr/bin/env bash
# The package bundled by Next.js, by Turbopack and by webpack, each built and run:
#
#   npm run make -- COMPONENT connector && test/nextjs.sh
#
# A route handler imports the class without `serverExternalPackages` and runs the
# component, which refuses an incomplete configuration. It installs Next.js, which
# is too large for every check of a change.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
tarball=$(npm pack --silent --ignore-scripts --pack-destination "$work")
cd "$work"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund next@16 react@19 react-dom@19 zod@4 "./$tarball"

mkdir -p app/sync
cat >app/layout.js <<'EOF'
export default function Layout({ children }) {
  return <html><body>{children}</body></html>;
}
EOF
cat >app/sync/route.js <<'EOF'
import Auth0, { doc } from '@rawdash/connector-auth0-component';

export const dynamic = 'force-dynamic';

export async function GET() {
  const settings = { domain: 'acme.eu.auth0.com', clientId: '' };
  const connector = new Auth0(settings, { clientSecret: { $secret: 'SECRET' } });
  const none = async () => [];
  const storage = { getEntity: async () => null, queryEntities: none, traverse: none };
  const { kind, message } = await connector.sync({ mode: 'full' }, storage).catch((error) => error);
  return Response.json([doc.displayName, kind, message]);
}
EOF

export NEXT_TELEMETRY_DISABLED=1 SECRET=hunter2hunter2
for bundler in turbopack webpack; do
  rm -rf .next
  npx next build "--$bundler" >build.log 2>&1 || { cat build.log; exit 1; }
  node node_modules/next/dist/bin/next start -p 0 >start.log 2>&1 &
  server=$!
  until url=$(grep -om1 'http://localhost:[0-9]*' start.log) && grep -q Ready start.log; do
    kill -0 "$server" || { cat start.log; exit 1; }
    sleep 0.1
  done
  answer=$(curl --silent --fail "$url/sync")
  echo "$bundler: $answer"
  grep -q '"configuration"' <<<"$answer"
  kill "$server"
  wait "$server" 2>/dev/null || true
  server=
done
