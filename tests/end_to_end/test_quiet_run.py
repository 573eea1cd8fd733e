"""A run whose output is kept, by a service: the turns happen, and nobody's words are in it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from mynah.cli.run import LINES
from tests.end_to_end.background import SCRIPT

WORDS = {word for line in LINES for word in re.findall(r"\w{5,}", line.casefold())}
RUN = ("run", "--quiet", "--link", "emulator:quiet", "--companion", "parrot")


def test_what_is_said_in_a_quiet_run_is_answered_and_not_printed():
    command = [sys.executable, "-c", SCRIPT, *RUN]
    ran = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    log = Path(os.environ["MYNAH_DATA"], "logs", "mynah.log").read_text("utf-8").splitlines()
    turns = [event for event in map(json.loads, log) if event.get("event") == "turn"]

    assert (ran.returncode, len(turns)) == (0, len(LINES)), ran.stderr
    assert [turn["error"] for turn in turns] == [None] * len(LINES)
    assert "sample lines are spoken" in ran.stdout
    assert WORDS & set(re.findall(r"\w+", (ran.stdout + ran.stderr).casefold())) == set()
