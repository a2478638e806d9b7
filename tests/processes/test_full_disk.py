"""A real disk with hardly any room left: an issued secret is asked for only where it can be kept."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.aftermath import recover
from tests.processes.forks import Forks
from tests.processes.scene import Scene, standing

BLOCK = 4096
BLOCKS = 256


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """The folder of a disk of one MiB, where such a disk can be had."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={BLOCKS * BLOCK}", "none", str(disk)]
    if os.name == "nt" or os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only an administrator of a Linux machine can make a disk")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path, left: int) -> Path:
    """Take all but so many blocks of the disk; the file that does."""
    filler = disk / "filler"
    filler.write_bytes(bytes((os.statvfs(disk).f_bavail - left) * BLOCK))
    return filler


def wallet_only(scene: Scene, sink: str) -> None:
    """One webhook, whose secret is issued once."""
    scene.write({"wallet": {**scene.declared["wallet"], "secret": {"to": sink}}})


@pytest.mark.parametrize("left", range(12))
@pytest.mark.parametrize("sink", ["file:./secrets/wallet", "cmd:cat > wallet && sync wallet"], ids=["file", "command"])
def test_nearly_full(small_disk: Path, tmp_path: Path, forks: Forks, left: int, sink: str) -> None:
    """With any number of blocks left, the secret is in its sink or rescued, or the vendor was asked for nothing."""
    with standing(small_disk, forks) as scene:
        scene.out, vendor = tmp_path, scene.vendors["cryptofuse"]
        wallet_only(scene, sink)
        filler = fill(small_disk, left)
        ended = scene.apply()
        there = vendor.webhooks()
        kept = {path.read_text(errors="replace") for path in scene.folder.rglob("*") if path.is_file()}
        assert not there or there[0]["secret"] in kept, ended.said
        assert there or ended.exit == 1
        filler.unlink()
        if not there:
            recover(scene)
            assert vendor.webhooks()[0]["secret"] in {path.read_text() for path in scene.folder.rglob("wallet")}


@pytest.mark.parametrize("sink", ["file:{}/new/wallet", "env-file:{}/old.env#WALLET"], ids=["file", "env-file"])
def test_a_sink_on_a_full_disk(small_disk: Path, scene: Scene, sink: str) -> None:
    """Such a sink is found before the first call; once there is room, the next apply goes on."""
    (small_disk / "old.env").write_text("A=1\n")
    wallet_only(scene, sink.format(small_disk))
    filler = fill(small_disk, 0)
    ended = scene.apply()
    assert ended.exit == 1
    assert f"{small_disk}" in ended.said
    assert "No space left on device" in ended.said
    assert scene.writes() == 0
    filler.unlink()
    recover(scene)
    assert scene.vendors["cryptofuse"].webhooks()[0]["secret"] in "".join(
        path.read_text() for path in small_disk.rglob("*") if path.is_file()
    )
