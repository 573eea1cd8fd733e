"""The disk of an inbox: what both kinds promise, and what the fake one does at the worst moment."""

import errno
import os
import stat

import pytest

from mynah.inbox.disk import FRESH, RealDisk
from mynah.inbox.fake_disk import FakeDisk, KilledError


@pytest.fixture(params=["real", "fake"])
def disk(request, tmp_path):
    return RealDisk(tmp_path / "inbox" / "ring") if request.param == "real" else FakeDisk()


def test_what_was_appended_is_read(disk):
    assert disk.claim()
    assert (disk.names(), disk.read("a.said")) == ([], b"")

    disk.append("a.said", b"one")
    disk.append("a.said", b"two")
    disk.sync("a.said")
    disk.append("journal", b"three")

    assert disk.names() == ["a.said", "journal"]
    assert (disk.read("a.said"), disk.read("journal")) == (b"onetwo", b"three")
    assert disk.free_bytes() > 0


def test_what_was_replaced_or_removed_is_gone(disk):
    disk.claim()
    disk.append("a.said", b"long ago")
    disk.replace("a.said", b"now")
    disk.replace("b.said", b"new")
    assert disk.read("a.said") == b"now"

    disk.remove("a.said")
    disk.remove("a.said")
    assert disk.names() == ["b.said"]


def test_what_was_never_begun_can_not_be_synced(disk):
    disk.claim()
    with pytest.raises(FileNotFoundError):
        disk.sync("a.said")


def test_nobody_else_may_look_into_a_real_one(tmp_path):
    disk = RealDisk(tmp_path / "inbox" / "ring")
    disk.claim()
    disk.append("a.said", b"private")
    disk.replace("journal", b"private")

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert modes == {
        "inbox": 0o700,
        "ring": 0o700,
        "a.said": 0o600,
        "journal": 0o600,
        "lock": 0o600,
    }


def test_what_a_crash_left_half_replaced_does_not_stay(tmp_path):
    left = tmp_path / f"00000001-00001.said{FRESH}"
    left.write_bytes(b"a voice")
    disk = RealDisk(tmp_path)

    assert disk.claim()
    assert not left.exists()
    disk.release()


@pytest.mark.skipif(os.name == "nt", reason="locks nothing")
def test_one_program_at_a_time_has_a_real_one(tmp_path):
    one, other = RealDisk(tmp_path), RealDisk(tmp_path)

    assert (one.claim(), other.claim(), one.claim()) == (True, False, True)
    one.release()
    assert other.claim()
    other.release()


def test_a_loss_of_power_leaves_what_was_synced_and_any_beginning_of_the_rest():
    survived = set()
    for seed in range(200):
        disk = FakeDisk(seed=seed)
        disk.append("a.said", b"safe")
        disk.sync("a.said")
        disk.append("a.said", b"torn")
        disk.append("b.said", b"torn")
        disk.kill()
        survived.add((disk.read("a.said"), disk.read("b.said")))

    assert {first for first, _ in survived} == {b"safe" + b"torn"[:n] for n in range(5)}
    assert {second for _, second in survived} == {b"torn"[:n] for n in range(5)}


def test_nothing_is_written_once_the_power_is_gone():
    disk = FakeDisk()

    def kill(what, _name):
        if what == "sync":
            raise KilledError

    disk.before = kill
    disk.append("a.said", b"one")
    with pytest.raises(KilledError):
        disk.sync("a.said")
    with pytest.raises(KilledError):
        disk.append("a.said", b"two")
    disk.before = None
    disk.kill()
    disk.append("a.said", b"three")
    assert b"two" not in disk.read("a.said")


def test_a_full_disk_takes_what_fits_and_says_so():
    disk = FakeDisk(room_bytes=5)
    disk.append("a.said", b"one")
    with pytest.raises(OSError, match="No space") as caught:
        disk.append("a.said", b"two")

    assert caught.value.errno == errno.ENOSPC
    assert disk.read("a.said") == b"onetw"
