"""A foorumid under test: real process, real embedded Redis, own data directory, free port."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import urllib.error
import urllib.request

from . import deadline, processes

BIN_DIR = os.environ.get("FOORUMI_BIN_DIR", "")
FOORUMID = os.path.join(BIN_DIR, "foorumid")
FOORUMI = os.path.join(BIN_DIR, "foorumi")
SANITIZERS = ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error: ")

# A proxy of the environment has nothing to do with connections to loopback.
for _name in [name for name in os.environ if name.lower().endswith("_proxy")]:
    del os.environ[_name]


def temporary_directory():
    """Short, since the path of a unix socket in it has at most 107 bytes."""
    return tempfile.mkdtemp(prefix="fi-", dir="/tmp")


def write_config(directory, options):
    """A configuration file with {"section.name": value}: numbers, texts, lists of texts. Returns its path."""
    sections = {}
    for path, value in options.items():
        section, name = path.split(".")
        sections.setdefault(section, []).append(f"{name} = {json.dumps(value)}")
    path = os.path.join(directory, "test.toml")
    with open(path, "w", encoding="utf-8") as file:
        for section, lines in sections.items():
            file.write(f"[{section}]\n" + "\n".join(lines) + "\n")
    return path


class Server:
    """Context: started on entry; ended, with all that belongs to it, on exit."""

    def __init__(self, options=None, arguments=(), data=None, demo=True):
        self.home = temporary_directory()
        self.data = data or os.path.join(self.home, "data")
        self.arguments = (["--demo"] if demo else []) + list(arguments)
        if options:
            self.arguments += ["--config", write_config(self.home, options)]
        self.tls = None  # how its certificate is checked, where it speaks TLS
        self.port = 0
        self.process = None
        self.environment = {}  # beyond that of the test itself
        self.log_path = os.path.join(self.home, "log")

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.dispose()
            raise

    def __exit__(self, kind, *_):
        if kind is not None:
            print(self.log()[-4000:])
        self.dispose()

    @property
    def url(self):
        return f"{'wss' if self.tls else 'ws'}://127.0.0.1:{self.port}"

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def launch(self):
        """Starts the process without waiting for it to be ready."""
        port_file = os.path.join(self.data, "port")
        if os.path.exists(port_file):
            os.unlink(port_file)
        command = [FOORUMID, "--data", self.data, "--port", str(self.port), *self.arguments]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env={**os.environ, **self.environment})
        return self

    def start(self):
        return self.launch().await_ready()

    def await_ready(self):
        deadline.until(self._ready, "foorumid is ready")
        return self

    def _ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"foorumid ended with {self.process.returncode}:\n{self.log()[-4000:]}")
        try:
            with open(os.path.join(self.data, "port"), encoding="ascii") as file:
                text = file.read()
        except FileNotFoundError:
            return False
        if not re.fullmatch(r"\d+\n", text) and not re.fullmatch(r"\d+", text):
            return False
        self.port = int(text)
        try:
            url = f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/healthz"
            with urllib.request.urlopen(url, timeout=5, context=self.tls) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def kill(self):
        """kill -9, as a crash would end it."""
        self.process.kill()
        self.process.wait()

    def interrupt(self, signal_number=signal.SIGINT):
        """Asks it to stop. Returns its exit status."""
        self.process.send_signal(signal_number)
        return self.process.wait(timeout=deadline.SECONDS)

    def restart(self):
        """Stops it in an orderly way and starts it again on the same data and port."""
        status = self.interrupt()
        if status != 0:
            raise AssertionError(f"foorumid stopped with {status}:\n{self.log()[-4000:]}")
        return self.start()

    def token_file(self, handle):
        return os.path.join(self.data, "demo", handle + ".token")

    def token(self, handle):
        with open(self.token_file(handle), encoding="ascii") as file:
            return file.read().strip()

    def dispose(self):
        """Ends all that belongs to it. A server that was still running must stop cleanly, and no sanitizer may have complained."""
        complaint = ""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                if self.process.wait(timeout=deadline.SECONDS) != 0:
                    complaint = f"foorumid stopped with {self.process.returncode}"
            except subprocess.TimeoutExpired:
                complaint = "foorumid did not stop"
                self.kill()
        for pid in processes.kill_redis(self.data):
            deadline.until(lambda p=pid: not processes.alive(p), f"process {pid} ends")
        if os.path.exists(self.log_path):
            log = self.log()
            complaint = complaint or next((word for word in SANITIZERS if word in log), "")
            if complaint:
                complaint += ":\n" + log[-8000:]
        shutil.rmtree(self.home, ignore_errors=True)
        if complaint:
            raise AssertionError(complaint)


def run_client(server, handle, *words, json=True, text=None, timeout=None, extra=()):
    """Runs one command of the terminal client as a demo member. Returns the finished process (text streams)."""
    command = [FOORUMI, "--server", server.url, "--token-file", server.token_file(handle), *extra]
    if json:
        command.append("--json")
    return subprocess.run([*command, *map(str, words)], input=text, text=True, encoding="utf-8", errors="replace",
                          stdin=subprocess.DEVNULL if text is None else None,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                          timeout=timeout or deadline.SECONDS)
