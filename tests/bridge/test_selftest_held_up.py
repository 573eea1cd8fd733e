"""What keeps a self-test from testing anything is told once, and blames no part."""

import os
import pty
import sys

from typer.testing import CliRunner

from mynah.cli.root import app
from mynah.emulator.simulated_ring import SimulatedRing
from mynah.link.memory import MemoryLink
from mynah.maker.selftest import examine
from mynah.maker.selftest_report import Verdict
from mynah.terminal.typed import forget_typed
from mynah_device import actions
from mynah_wire.making import BUSY, SAFE
from tests.bridge.virtual_time import in_virtual_time

KEY = bytes(range(32))


class Speaking(SimulatedRing):
    """One that never falls silent, and so begins no test."""

    def _carry_out(self, action, value):
        if action == actions.PROBE:
            self._event(actions.PROBED, self._now_ms, (value[0], BUSY, ""))
        else:
            super()._carry_out(action, value)


@in_virtual_time
async def test_a_ring_that_speaks_all_the_time_fails_once_and_no_other_test_is_blamed():
    link = MemoryLink(Speaking(KEY), KEY)
    report = await examine(link, None, lambda _result: None, names=("flash", "sha256", "clock"))

    assert [result.verdict for result in report.results] == [
        Verdict.FAILED,
        Verdict.NOT_ASKED,
        Verdict.NOT_ASKED,
    ]
    assert "is its button held down?" in report.results[0].next_step
    assert "erase" not in report.results[0].next_step
    assert {result.note for result in report.results} == {"the ring still hears or speaks"}


class Safe(SimulatedRing):
    """One that failed to start too often."""

    def connected(self, mtu, now_ms):
        self.core.workshop.fault(SAFE, "ring: 3 bad starts in a row", 0)
        super().connected(mtu, now_ms)


@in_virtual_time
async def test_a_ring_without_its_parts_fails_once_and_no_part_is_called_missing():
    link = MemoryLink(Safe(KEY), KEY)
    report = await examine(link, None, lambda _result: None, names=("system", "radio", "flash"))

    assert [result.verdict for result in report.results] == [
        Verdict.FAILED,
        Verdict.NOT_ASKED,
        Verdict.NOT_ASKED,
    ]
    assert "runs without its parts" in report.results[0].note


def test_what_was_typed_before_a_question_is_no_answer_to_it(monkeypatch):
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        os.write(ours, b"y\n")
        forget_typed()
        os.write(ours, b"n\n")

        assert terminal.readline() == "n\n"
    os.close(ours)


def test_a_command_that_tested_nothing_says_so_and_ends_badly(tmp_path, monkeypatch):
    monkeypatch.setenv("MYNAH_DATA", str(tmp_path / "data"))
    options = ["--link", "emulator:?board=tap_only", "--only", "pulse", "--yes"]
    ran = CliRunner().invoke(app, ["selftest", *options])

    assert ran.exit_code == 1
    assert "nothing was tested" in ran.output
