"""Runs the command in a component with wasmtime-py, with this process's input and output."""

import sys
import tempfile

from wasmtime import Engine, Store, WasiConfig
from wasmtime.component import Component, Linker

engine = Engine()
store = Store(engine)
wasi = WasiConfig()
with tempfile.NamedTemporaryFile() as job:
    job.write(sys.stdin.buffer.read())
    job.flush()
    wasi.stdin_file = job.name
wasi.inherit_stdout()
wasi.inherit_stderr()
store.set_wasi(wasi)
store.set_wasi_http()
linker = Linker(engine)
linker.add_wasip2()
linker.add_wasi_http()
instance = linker.instantiate(store, Component.from_file(engine, sys.argv[1]))
interface = instance.get_export_index(store, "wasi:cli/run@0.2.12")
run = instance.get_func(store, instance.get_export_index(store, "run", interface))
sys.exit(run(store).tag != "ok")
