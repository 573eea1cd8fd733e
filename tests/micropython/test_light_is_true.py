"""Whatever happens to a ring, in whatever order: its microphone is never open in the dark.

Lived by the firmware itself, in MicroPython; Hypothesis makes up what happens. `MYNAH_LIVES` is how
many lives, if a night is to be spent on it.
"""

import json
import os
import subprocess
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.micropython.interpreters import (
    COMMANDS,
    FIRMWARE_LIBRARY,
    MICROPYTHON,
    NO_MICROPYTHON,
)

LIVES = int(os.environ.get("MYNAH_LIVES", "100"))
BROKEN = ("microphone", "speaker", "codec", "wire", "radio", "lamp")

pytestmark = pytest.mark.skipif(not MICROPYTHON.exists(), reason=NO_MICROPYTHON)

finger = st.sampled_from([["press"], ["release"]])
time = st.integers(1, 30).map(lambda frames: ["wait", 20 * frames])
long = st.sampled_from([["wait", 2000], ["skip", 900], ["skip", 70_000], ["skip", 900_000]])
link = st.sampled_from([["connect"], ["disconnect"], ["pair", 1], ["sleep"]])
replies = st.one_of(
    st.integers(1, 80).map(lambda frames: ["speak", frames]),
    st.sampled_from(["Go", "Pause", "Resume", "Duck", "Flush", "Drop"]).map(
        lambda kind: ["of_reply", kind]
    ),
)
orders = st.one_of(
    st.sampled_from(["Close", "Keep"]).map(lambda kind: ["of_stream", kind]),
    st.integers(0, 255).map(lambda value: ["tell", "Setting", 2, value]),
    st.integers(0, 3).map(lambda mood: ["tell", "Mood", mood]),
    st.integers(0, 0xFFFFFFFF).map(lambda light: ["tell", "Act", 1, 255, 9, 0, 0, light, 900]),
    st.just(["tell", "Forget", 5]),
    st.integers(1, 8).map(lambda pattern: ["moved", pattern]),
)
faults = st.one_of(st.sampled_from(BROKEN).map(lambda what: ["fail", what]), st.just(["mend"]))
happenings = st.one_of(finger, time, long, link, replies, orders, faults)
meanwhile = st.lists(happenings, max_size=6)
holds = meanwhile.map(lambda told: [["press"], ["wait", 400], *told, ["wait", 100], ["release"]])
taps = meanwhile.map(lambda told: [["press"], ["wait", 100], ["release"], *told, ["wait", 100]])
scenes = st.one_of(holds, taps, holds, taps, meanwhile)
lives = st.fixed_dictionaries(
    {
        "half": st.booleans(),
        "events": st.lists(scenes, min_size=2, max_size=12).map(
            lambda told: [["connect"], *chain.from_iterable(told)]
        ),
    }
)


class Firmware:
    """A MicroPython that lives what it is told."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("light_life.py")
        self._process = subprocess.Popen(
            [*COMMANDS["micropython"], str(script)],
            env={**os.environ, "MICROPYPATH": str(FIRMWARE_LIBRARY)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def live(self, life):
        """What came of it."""
        self._process.stdin.write(json.dumps(life) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line.startswith("{"), line + self._process.stdout.read()
        came = json.loads(line)
        assert "error" not in came, came["error"]
        return came

    def end(self) -> None:
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


@pytest.fixture(scope="module")
def firmware():
    firmware = Firmware()
    yield firmware
    firmware.end()


def test_the_microphone_is_never_open_in_the_dark(firmware):
    opened = 0

    @settings(max_examples=LIVES, deadline=None, database=None)
    @given(lives)
    def never(life):
        nonlocal opened
        came = firmware.live(life)
        opened += came["opened"]
        assert came["lies"] == []

    never()

    assert opened > LIVES  # it was open at all


def test_a_light_that_goes_out_too_early_is_found_out(firmware):
    """The check itself: a lamp that lost its wire shows nothing, and says so by nothing."""
    life = {"half": False, "events": [["connect"], ["press"], ["wait", 40], ["darken"]]}

    assert firmware.live(life)["lies"] == [3]
