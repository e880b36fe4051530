"""The rows of a database of rawdash, and those that the driver component printed, as sets."""

import json
import sqlite3

COLUMNS = {
    "auth0_user": ("id", "updated_at", "attributes"),
    "auth0_login_event": ("id", "start", "end", "attributes"),
    "auth0_daily_active_users": ("at", "value", "attributes"),
}
QUERIES = [
    "SELECT type, id, updated_at, attributes FROM entities",
    "SELECT name, event_id, start_ts, end_ts, attributes FROM events",
    "SELECT name, ts, value, attributes FROM metrics",
]


def stored(database):
    """The rows of a database."""
    connection = sqlite3.connect(database)
    rows = set()
    for query in QUERIES:
        for *row, attributes in connection.execute(query):
            rows.add((*row, text(json.loads(attributes))))
    connection.close()
    return rows


def printed(lines):
    """The rows that were printed, each as the last of its identity. A line that is neither a
    row nor says that all is well counts as a row, and so differs."""
    rows = {}
    for line in lines:
        resource, row = line.get("resource"), line.get("row", {})
        if resource in COLUMNS and set(row) == set(COLUMNS[resource]):
            *values, attributes = (row[column] for column in COLUMNS[resource])
            attributes = text(attributes)
            identity = row.get("id") or (row["at"], attributes)
            rows[resource, identity] = (resource, *values, attributes)
        elif "removed" in row:
            rows.pop((resource, row["removed"]), None)
        elif line.get("ending") != "complete" and "checkpoint" not in line:
            rows[text(line)] = (text(line),)
    found = set(rows.values())
    return found if lines and lines[-1].get("done") else found | {"it did not end"}


def text(value):
    return json.dumps(value, sort_keys=True)
