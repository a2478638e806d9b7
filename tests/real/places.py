"""Servers that can keep locks, started for the two suites of locks; one at a time, each for one module of tests."""

import base64
import hashlib
import hmac
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.real.conftest import free_port, running

SECRET = "s3cr3t-key-of-the-bucket"


def needed(package: str, extra: str) -> None:
    """Skip where a package is not installed."""
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"NOT TESTED: {package} is not installed; `pip install -e '.[{extra}]'`")


@contextmanager
def s3(folder: Path) -> Iterator[Mapping[str, str]]:
    """A server that speaks as S3 does, with the bucket `locks`; gives the variables with which it is reached."""
    needed("obstore", "s3")
    needed("moto", "test")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    ready = urllib.request.Request(f"{address}/moto-api/data.json")
    with running(command, folder, {"HOME": str(folder)}, ready):
        urllib.request.urlopen(urllib.request.Request(f"{address}/locks", method="PUT")).close()
        yield {
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
            "NO_PROXY": "*",
        }


@contextmanager
def postgresql() -> Iterator[tuple[str, Mapping[str, str]]]:
    """A server with the database `ops`; gives its host and port, and the variables with which it is reached.

    It works in a folder of its own, since nobody else may enter those of pytest.
    """
    needed("psycopg", "postgresql")
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = shutil.which("initdb") or (str(programs[-1]) if programs else None)
    if initdb is None:
        pytest.skip("NOT TESTED: there is no PostgreSQL here; `apt-get install postgresql`, or put initdb on PATH")
    as_user = _as_user()
    with TemporaryDirectory(prefix="whsync-postgresql-") as name:
        folder = Path(name)
        (folder / "password").write_text(SECRET)
        for path in (folder, folder / "password") if as_user else ():
            shutil.chown(path, "postgres")
        yield from _served(initdb, folder, as_user)


def _served(initdb: str, folder: Path, as_user: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, str]]]:
    bin_, data, password, port = Path(initdb).resolve().parent, folder / "data", folder / "password", free_port()
    make = [initdb, "-D", str(data), "-U", "whsync", "--auth=scram-sha-256", f"--pwfile={password}", "--no-sync"]
    subprocess.run(make, check=True, capture_output=True, cwd=folder, **as_user)
    options = f"-c listen_addresses=127.0.0.1 -p {port} -c unix_socket_directories= -c fsync=off"
    start = [str(bin_ / "pg_ctl"), "-D", str(data), "-w", "-t", "60", "-l", str(data / "log"), "-o", options]
    subprocess.run([*start, "start"], check=True, capture_output=True, cwd=folder, **as_user)
    environment = {"PGUSER": "whsync", "PGPASSWORD": SECRET, "PGSSLMODE": "disable"}
    try:
        import psycopg

        where = f"postgresql://127.0.0.1:{port}/postgres"
        with psycopg.connect(where, user="whsync", password=SECRET, autocommit=True) as connection:
            connection.execute("CREATE DATABASE ops")
        yield f"127.0.0.1:{port}", environment
    finally:
        stop = [str(bin_ / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"]
        subprocess.run(stop, check=True, capture_output=True, cwd=folder, **as_user)


def _as_user() -> dict[str, Any]:
    """PostgreSQL does not run as root: whom to run it as then."""
    if os.geteuid() != 0:
        return {}
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("NOT TESTED: PostgreSQL does not run as root, and there is no user postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


ACCOUNT = "devstoreaccount1"
ACCOUNT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""The one account of Azurite, as its README has it: they open nothing else."""


@contextmanager
def azure(folder: Path) -> Iterator[Mapping[str, str]]:
    """A server that speaks as Azure's blobs do, with the container `locks`; gives the variables to reach it with."""
    needed("obstore", "az")
    program = os.environ.get("AZURITE_BLOB") or shutil.which("azurite-blob")
    if program is None:
        pytest.skip(
            "NOT TESTED: there is no azurite-blob here; `npm install --global azurite`, or name it as AZURITE_BLOB"
        )
    port = free_port()
    command = [program, "--blobHost", "127.0.0.1", "--blobPort", str(port), "-l", str(folder), "--silent"]
    command += ["--skipApiVersionCheck", "--disableTelemetry"]
    with running(command, folder, {"HOME": str(folder)}, _new_container(port)):
        yield {
            "AZURE_STORAGE_ACCOUNT_NAME": ACCOUNT,
            "AZURE_STORAGE_ACCOUNT_KEY": ACCOUNT_KEY,
            "AZURE_STORAGE_ENDPOINT": f"http://127.0.0.1:{port}/{ACCOUNT}",
            "NO_PROXY": "*",
        }


def _new_container(port: int) -> urllib.request.Request:
    """The call that makes the container, signed as Azure's documents say of "Shared Key"."""
    at, version = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT"), "2021-08-06"
    where = f"/{ACCOUNT}/{ACCOUNT}/locks\nrestype:container"
    signed = "PUT" + "\n" * 12 + f"x-ms-date:{at}\nx-ms-version:{version}\n{where}"
    digest = hmac.new(base64.b64decode(ACCOUNT_KEY), signed.encode(), hashlib.sha256).digest()
    proof = f"SharedKey {ACCOUNT}:{base64.b64encode(digest).decode()}"
    headers = {"x-ms-date": at, "x-ms-version": version, "Authorization": proof}
    url = f"http://127.0.0.1:{port}/{ACCOUNT}/locks?restype=container"
    return urllib.request.Request(url, method="PUT", headers=headers)
