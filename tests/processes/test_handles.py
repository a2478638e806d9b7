"""A process that may have only a few files open: every issued secret is kept, and nothing is made that cannot be."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.sandbox import Sandbox

ACCOUNTS = 48
EVENT = "EVENT_TYPE_PAYMENT_CAPTURED"
HOOK = """
import os, sys

def saw(event, arguments):
    if event == "import" and os.path.exists(JOURNAL) and os.path.getsize(JOURNAL):
        os.write(2, f"imported {arguments[0]}\\n".encode())

JOURNAL = "webhooks.lock.json.journal"
sys.addaudithook(saw)
from reconciler.cli.main import main
main()
"""
"""Tells what is imported once an intent is written, which comes before the first call that makes something."""


def write(folder: Path, url: str, accounts: int, sink: str) -> None:
    """As many accounts, with a webhook each whose secret goes to `sink` with the webhook's number."""
    providers = {
        f"p{number}": {
            "type": "coinbase-payments",
            "base_url": url,
            "auth": {"token": "env:TOKEN"},
            "settings": {"list": True},
            "limits": {"per_second": 1000},
        }
        for number in range(accounts)
    }
    webhooks = {
        f"w{number}": {
            "provider": f"p{number}",
            "url": f"https://hooks.acme.com/{number}",
            "events": [EVENT],
            "secret": {"to": f"{sink}{number}"},
        }
        for number in range(accounts)
    }
    whole = {"version": 1, "providers": providers, "webhooks": webhooks}
    (folder / "webhooks.yaml").write_text(json.dumps(whole), encoding="utf-8")


def run(folder: Path, token: str, handles: int, *command: str) -> subprocess.CompletedProcess[str]:
    """`apply` in a process that may have so many files open."""
    return subprocess.run(
        [sys.executable, *command, "apply", "--yes"],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": os.pathsep.join(sys.path), "TOKEN": token},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (handles, handles)),
    )


def kept(folder: Path) -> set[str]:
    """What stands in any file below the folder."""
    return {path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
@pytest.mark.parametrize("handles", [64, 32])
@pytest.mark.parametrize("sink", ["file:./secrets/", "cmd:mkdir -p secrets && cat > secrets/", "cmd:exit 1 "])
def test_no_secret_is_lost(tmp_path: Path, handles: int, sink: str) -> None:
    """With as many accounts as handles, all webhooks are made, and each secret is in its sink, or rescued."""
    with Sandbox(["coinbase-payments"], settings={"coinbase-payments": {"list": True}}) as box:
        vendor = box["coinbase-payments"]
        write(tmp_path, vendor.url, ACCOUNTS, sink)
        ended = run(tmp_path, vendor.credentials["token"], handles, "-m", "reconciler")
        there = vendor.webhooks()
    assert len(there) == ACCOUNTS, ended.stdout + ended.stderr
    assert {webhook["secret"] for webhook in there} <= kept(tmp_path), ended.stdout + ended.stderr


@pytest.mark.parametrize("handles", range(8, 28, 4))
def test_hardly_any_handle(tmp_path: Path, handles: int) -> None:
    """However few there are: what was made has its secret kept, and where nothing was, a sentence says why."""
    with Sandbox(["coinbase-payments"], settings={"coinbase-payments": {"list": True}}) as box:
        vendor = box["coinbase-payments"]
        write(tmp_path, vendor.url, 4, "file:./secrets/")
        ended = run(tmp_path, vendor.credentials["token"], handles, "-m", "reconciler")
        there = vendor.webhooks()
    assert {webhook["secret"] for webhook in there} <= kept(tmp_path), ended.stdout + ended.stderr
    assert there or "no file handle is left" in ended.stdout + ended.stderr or "Too many open files" in ended.stderr


@pytest.mark.parametrize("sink", ["file:./secrets/", "cmd:cat > secret", "cmd:exit 1 "])
def test_nothing_is_loaded_once_something_is_made(tmp_path: Path, sink: str) -> None:
    """Loading code takes a handle, so whatever stores or rescues a secret is loaded before there is one."""
    with Sandbox(["coinbase-payments"], settings={"coinbase-payments": {"list": True}}) as box:
        vendor = box["coinbase-payments"]
        write(tmp_path, vendor.url, 3, sink)
        (tmp_path / "hook.py").write_text(HOOK, encoding="utf-8")
        ended = run(tmp_path, vendor.credentials["token"], 256, "hook.py")
        assert len(vendor.webhooks()) == 3, ended.stderr
    assert "imported" not in ended.stderr
