"""`whsync sandbox`: simulated vendors to play with."""

import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_it_serves_until_interrupted(tmp_path: Path) -> None:
    """It prints a configuration with addresses that answer, on loopback only, and ends with 0 on Ctrl-C."""
    command = [sys.executable, "-u", "-m", "reconciler", "sandbox", "github"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = ""
        while "env:" not in said:
            said += process.stdout.readline()
        found = re.search(r"base_url: (http://127\.0\.0\.1:\d+)", said)
        assert found is not None
        assert "export SANDBOX_GITHUB_TOKEN=" in said
        with pytest.raises(urllib.request.HTTPError) as refused:
            urllib.request.urlopen(f"{found[1]}/repos/a/b/hooks", timeout=10)
        assert refused.value.code == 401
        refused.value.close()
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in complaints


@pytest.mark.parametrize(
    ("argv", "words"),
    [(["githb"], "github"), (["--faults", "github:nope"], "unknown fault"), (["--latency", "-1"], "--latency")],
)
def test_wrong_wishes_are_wrong_usage(run: Run, argv: list[str], words: str) -> None:
    """An unknown vendor or fault is named, with what there is."""
    result = run("sandbox", *argv)
    assert result.exit == 64
    assert words in result.stderr
