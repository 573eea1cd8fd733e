"""`mynah forget --everything`: what was said is gone from the computer and the ring."""

import pytest

from mynah.errors import DeviceError
from mynah.forgetting import forget_here, forget_ring, traces
from tests.bridge.home import Home
from tests.bridge.virtual_time import in_virtual_time


@pytest.fixture
def folder(tmp_path, monkeypatch):
    data = tmp_path / "data"
    monkeypatch.setenv("MYNAH_DATA", str(data))
    for name in (
        "keys/0011.key",
        "serving.token",
        "characters/Mynah/memory.sqlite",
        "inbox/0011/journal",
        "logs/mynah.log",
        "crash-1.txt",
        "emulator/keys/0022.key",
        "emulator/default.flash/said/1",
        "something/that/comes/later",
    ):
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("secret")
    return data


def test_nothing_is_left_on_the_computer_but_what_is_nobodys_words(folder):
    found = traces()
    forget_here(found)

    left = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert left == {"keys/0011.key", "serving.token", "emulator/keys/0022.key"}
    assert sum(trace.files for trace in found) == 6
    assert traces() == []


def test_what_is_elsewhere_is_not_followed(folder, tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thing").write_text("mine")
    (folder / "link").symlink_to(precious)
    forget_here(traces())

    assert (precious / "thing").read_text() == "mine"
    assert not (folder / "link").exists()


@in_virtual_time
async def test_a_ring_forgets_what_was_said_out_of_reach():
    home = Home("one")
    await home.hold()
    await home.live(10_000)
    await forget_ring(home.link)

    async with home.connected():
        await home.rest()
    assert home.turns == []


@in_virtual_time
async def test_a_ring_that_does_not_say_so_has_not_forgotten():
    home = Home("one")
    home.ring.core._forget = lambda _forget, _now_ms: []  # an older one does not know the word
    with pytest.raises(DeviceError, match="did not forget within 30 s"):
        await forget_ring(home.link)
