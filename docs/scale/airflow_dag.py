"""One task per tenant and hour: `rawdash-host sync` with a budget.

A sync that is not complete exits with 75. Airflow then tries the task again at the time
that the source named, and frees the slot until then.
"""

import json
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

from airflow.exceptions import AirflowException, AirflowFailException
from airflow.sdk import dag, task

TENANTS = Path("/etc/rawdash/tenants")
STORE = "libsql://store.example"
LATER = 75


@task(
    retries=20,
    retry_delay=timedelta(minutes=1),
    retry_exponential_backoff=True,
    max_retry_delay=timedelta(minutes=30),
    # One writer per tenant, over all runs of the DAG.
    max_active_tis_per_dagrun=16,
)
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
    # 75: waiting repairs it, or the budget was spent. All else needs a person.
    raise (AirflowException if ended.returncode == LATER else AirflowFailException)(message)


@dag(
    schedule=timedelta(hours=1),
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
)
def rawdash():
    sync.expand(tenant=sorted(path.stem for path in TENANTS.glob("*.json")))


rawdash()
