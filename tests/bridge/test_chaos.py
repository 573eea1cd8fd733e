"""A small chaos, the same each time; `make chaos` is the large one."""

import numpy as np
import pytest
from typer.testing import CliRunner

from mynah.errors import UserError
from mynah.faults.plan import parse
from mynah.reliability import edges as edges_module
from mynah.reliability.__main__ import app
from mynah.reliability.chaos import FAULTS, BrokenError, chaos, run
from mynah.reliability.loss import carried
from mynah.reliability.world import World
from mynah_wire.downlink import Kept

SEED = 3
TOUCHES = 40


def test_in_a_small_chaos_nothing_is_lost_silently_and_nothing_comes_twice():
    tally = chaos(TOUCHES, SEED)

    assert tally.figures["silent"] == tally.figures["duplicated"] == 0
    assert tally.figures["utterances"] >= TOUCHES * 0.75
    assert {"disconnect", "host_kill", "power_cut"} <= set(tally.happened)


def test_the_same_seed_is_the_same_chaos():
    worlds = [run(parse(f"seed={SEED} {FAULTS}"), 10) for _ in range(2)]

    assert worlds[0].ledger.figures() == worlds[1].ledger.figures()
    assert worlds[0].happened == worlds[1].happened
    assert worlds[0].now_ms == worlds[1].now_ms


def test_without_faults_all_of_it_comes_whole_and_at_once():
    figures = run(parse("seed=1"), 10).ledger.figures()

    assert figures["arrived"] == figures["utterances"] == 10
    assert figures["missing_frames"] == figures["again"] == 0


def test_a_host_that_says_kept_too_soon_is_found_with_the_shortest_way_to_see_it(monkeypatch):
    # The control experiment: a host that frees the ring before anything is on its disk.
    start = World._start_host

    def hasty(world):
        start(world)
        inbox, handle = world.host.inbox, world.host.inbox.handle

        def answered(event, now_ms):
            if hasattr(event, "verdict") and hasattr(event, "stream"):
                key = inbox.key(event.stream)
                world.host._tell(Kept(key.boot_id, key.stream))
            return handle(event, now_ms)

        inbox.handle = answered

    monkeypatch.setattr(World, "_start_host", hasty)
    with pytest.raises(BrokenError, match=r"lost silently.*--seed \d+ --touches \d+"):
        chaos(600, 1, "host_kill~2s disconnect~5s")


def test_a_fault_that_virtual_time_does_not_have_is_refused():
    with pytest.raises(UserError, match="can't be had in virtual time"):
        run(parse("worker_kill@1s=asr"), 1)


def test_a_lost_record_costs_its_own_20_ms():
    sound = np.random.default_rng(1).normal(0, 3000, 16_000).astype(np.int16)
    came = carried(sound, 0.1, 2)

    assert came.lost > 0
    assert came.worst_samples <= 320
    assert carried(sound, 0.0, 2).worst_samples == 0


def test_at_no_edge_of_a_short_utterance_is_it_lost(monkeypatch):
    monkeypatch.setattr(edges_module, "HOLD_MS", 300.0)
    found = edges_module.edges()["edges"]

    assert len(found) == 6
    assert all(each["tried"] > 5 for each in found)
    changes = [each["again"] for each in found if "killed before a change" in each["edge"]]
    assert changes == [2, 2]  # before the note of it is appended, and before that is synced


def test_the_command_writes_a_result_that_the_page_shows(tmp_path):
    runner, out = CliRunner(), tmp_path / "RELIABILITY.md"
    results = tmp_path / "results"
    chaos_of_5 = ["chaos", "--utterances", "5", "--json", str(results / "chaos.json")]

    assert runner.invoke(app, chaos_of_5).exit_code == 0
    assert runner.invoke(app, ["page", str(results), "--out", str(out)]).exit_code == 0
    assert "python -m mynah.reliability chaos --utterances 5 --seed 1" in out.read_text()
