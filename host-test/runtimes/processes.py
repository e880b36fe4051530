"""Servers that run for a while."""

import contextlib
import socket
import subprocess
import tempfile
import time

# Longer than anything takes; only a server that never listens waits for it.
PATIENCE = 120


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@contextlib.contextmanager
def running(arguments, port, ready=None, cwd=None):
    """A server, from when it listens (and has said `ready`) to the end of the block, which
    can read what it has said."""
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            arguments, cwd=cwd, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            deadline = time.monotonic() + PATIENCE
            while not (listens(port) and (ready is None or ready in said(log))):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(said(log)[-500:])
                time.sleep(0.05)
            yield lambda: said(log)
        finally:
            process.terminate()
            process.wait()


def listens(port):
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def said(log):
    # The process writes at its own position, which this must not move.
    with open(f"/proc/self/fd/{log.fileno()}", encoding="utf-8", errors="replace") as text:
        return text.read()
