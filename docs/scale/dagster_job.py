"""One partition per tenant: `rawdash-host sync` with a budget, every hour.

A sync that is not complete exits with 75. Dagster then tries the step again at the time
that the source named.
"""

import json
import subprocess
from pathlib import Path

from dagster import (
    Definitions,
    Failure,
    MaterializeResult,
    RetryRequested,
    RunRequest,
    StaticPartitionsDefinition,
    asset,
    define_asset_job,
    schedule,
)

TENANTS = Path("/etc/rawdash/tenants")
STORE = "libsql://store.example"
LATER = 75

tenants = StaticPartitionsDefinition(sorted(path.stem for path in TENANTS.glob("*.json")))


@asset(partitions_def=tenants)
def auth0(context) -> MaterializeResult:
    tenant = context.partition_key
    command = [
        "rawdash-host", "sync",
        "--config", str(TENANTS / f"{tenant}.json"),
        "--db", STORE,
        "--name", tenant,
        "--budget", "10m",
        "--json",
    ]
    ended = subprocess.run(command, stdout=subprocess.PIPE)
    report = json.loads(ended.stdout or "{}")
    failure = report.get("failure") or {}
    if ended.returncode == LATER:
        # The budget was spent, or waiting repairs it.
        seconds = 1 if report.get("more") else (failure.get("retry_after_ms") or 60_000) / 1000
        raise RetryRequested(max_retries=100, seconds_to_wait=seconds)
    if ended.returncode != 0:
        raise Failure(failure.get("message", f"exit status {ended.returncode}"), allow_retries=False)
    records = {name: found["records"] for name, found in report["resources"].items()}
    return MaterializeResult(metadata={"requests": report["requests"], **records})


job = define_asset_job("rawdash", [auth0])


@schedule(cron_schedule="17 * * * *", job=job)
def hourly():
    # The key of the concurrency limit: one run per tenant at a time.
    for tenant in tenants.get_partition_keys():
        yield RunRequest(partition_key=tenant, tags={"rawdash/tenant": tenant})


defs = Definitions(assets=[auth0], jobs=[job], schedules=[hourly])
