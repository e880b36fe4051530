"""One task per tenant and hour: `rawdash-host sync` with a budget.

A sync that is not complete exits with 75. Airflow then runs the task again at the time
that the source named, and frees the slot until then. What is not complete when the hour
is over, the next run resumes.
"""

import json
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowFailException, AirflowRescheduleException

TENANTS = Path("/etc/rawdash/tenants")
STORE = "libsql://store.example"
LATER = 75


# `retries` is for tasks that die with their machine.
@task(retries=3, retry_delay=timedelta(minutes=1), max_active_tis_per_dagrun=16)
def sync(tenant: str) -> dict:
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
    if ended.returncode == 0:
        return report
    failure = report.get("failure") or {}
    message = failure.get("message", f"exit status {ended.returncode}")
    if ended.returncode != LATER:
        raise AirflowFailException(message)
    print(message)
    # The budget was spent, or waiting repairs it.
    seconds = 1 if report.get("more") else (failure.get("retry_after_ms") or 60_000) / 1000
    raise AirflowRescheduleException(datetime.now(timezone.utc) + timedelta(seconds=seconds))


@dag(
    schedule=timedelta(hours=1),
    start_date=datetime(2026, 1, 1),
    catchup=False,
    # One writer per tenant. One that takes longer does not hold up the others.
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=58),
)
def rawdash():
    sync.expand(tenant=sorted(path.stem for path in TENANTS.glob("*.json")))


rawdash()
