"""Servers that run for a while."""

import contextlib
import random
import socket
import subprocess
import tempfile
import time

# Longer than anything takes; only a server that never listens waits for it.
PATIENCE = 120


def free_port():
    # Below those that systems give to connections, of which one could take it before the
    # server listens.
    for port in random.sample(range(20_000, 32_000), 1_000):
        with socket.socket() as sock, contextlib.suppress(OSError):
            sock.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")


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
