"""A task of the firmware that stands still costs seconds and nothing that was said.

Two of them here; `python -m tests.end_to_end.blocking` blocks every one, with the real watchdog.
"""

import asyncio

from mynah.emulator.watchdog import SCALE
from tests.end_to_end.blocking import RESET_WITHIN_S, Case, block

FASTER = 0.45  # of its 8 s: enough to write down who stands still


async def test_the_ring_starts_anew_names_the_task_and_delivers_what_was_said(
    tmp_path, monkeypatch
):
    monkeypatch.setenv(SCALE, str(FASTER))
    cases = Case("light", "wait"), Case("radio", "spin")
    done = await asyncio.gather(*(block(case, tmp_path / case.way) for case in cases))

    for case in done:
        assert case.reset_s < RESET_WITHIN_S * FASTER + 1  # its rounds are not scaled
        assert case.lost == set()
        assert case.twice == []
        assert case.blamed
