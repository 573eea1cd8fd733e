"""The page is made of results alone, and says of what is missing that it is."""

import json
from importlib.util import find_spec

import pytest

from mynah.reliability import soak_plot
from mynah.reliability.__main__ import page as page_command
from mynah.reliability.growth import BRIDGE, RING
from mynah.reliability.page import PICTURE, page
from mynah.reliability.results import KINDS, Result, read
from mynah.reliability.sections import SECTIONS

CHAOS = {
    "utterances": 20_000,
    "arrived": 19_000,
    "frames": 1_000_000,
    "missing_frames": 12,
    "silent": 0,
    "duplicated": 0,
    "again": 3,
    "lost": {"the ring lost its power": 1000},
    "happened": {"disconnect": 10_500, "host_kill": 1200, "power_cut": 1100, "outage": 400},
    "virtual_s": 7200.0,
}
FIGURES = {
    "chaos": CHAOS,
    "edges": {"edges": [{"edge": "before the sync", "tried": 61, "lost": 0, "again": 0}]},
    "stack": CHAOS,
    "fuzz": {
        side: {"records": 10_000_000, "crashes": 0, "hangs": 0, "seconds": 60.0, "engine": "ours"}
        for side in ("host", "device")
    },
    "attacks": {
        "kinds": {
            "wrong key": {"tried": 700, "accepted": 0},
            "replay": {"tried": 500, "accepted": 0},
        },
        "told_before_proof": ["Hello"],
    },
    "recovery": {
        "faults": {"cut": {"times": 20, "p50_ms": 610, "p95_ms": 1500, "max_ms": 2200}},
        "link": "emulator:",
        "machine": "this one",
    },
    "loss": {
        "clips": 40,
        "words": 500,
        "model": "tiny.en",
        "shares": [{"share": 0.05, "lost": 50, "frames": 1000, "wer": 0.1, "worst_samples": 320}],
    },
    "soak": {
        "hours": 1.0,
        "turns": 350,
        "spoken": 349,
        "violations": 0,
        "kinds": {"held": 300},
        "faults": {"outage": 12},
        "errors": {"whisper ended": 2},
        "growth": [
            {
                "what": "bridge, KiB",
                "first": 200_000,
                "last": 200_100,
                "per_hour": 90.0,
                "error_per_hour": 80.0,
                "noise_per_hour": 160.0,
                "within_noise": True,
                "seen": True,
            }
        ],
    },
    "egress": {
        "connections": [
            {
                "run": "openai",
                "to": "127.0.0.1:8080",
                "protocol": "tcp",
                "packets": 12,
                "companion": True,
            }
        ],
        "runs": [{"run": "openai", "worked": True, "companion": 1}],
        "worked": True,
        "others": 0,
    },
    "rings": {
        "alone": {"clips": 20, "failed": 0, "v2v_p50_ms": 380.0, "v2v_p95_ms": None},
        "machine": "this one",
    },
}


def test_every_kind_has_its_section_and_its_sample():
    assert set(SECTIONS) == set(KINDS) == set(FIGURES)


@pytest.mark.parametrize("kind", KINDS)
def test_a_result_is_shown_with_its_day_its_machine_and_its_command(kind, tmp_path):
    command = f"python -m mynah.reliability {kind}"
    Result.now(kind, command, FIGURES[kind]).write(tmp_path / f"{kind}.json")
    results = read(tmp_path)
    made = page(results)

    assert list(results) == [kind]
    assert made.count("Not taken.") == len(KINDS) - 1
    assert f"Taken {results[kind].taken} on {results[kind].machine}:" in made
    assert f"```sh\n{command}\n```" in made
    assert "\n| --- |" in made


def test_the_page_says_how_many_were_lost_silently_and_why_others_were():
    made = page({"chaos": Result.now("chaos", "x", CHAOS)})

    assert "| **lost silently** | 0 |" in made
    assert "| reported lost: the ring lost its power | 1,000 |" in made
    assert "| disconnects | 10,500 |" in made
    assert "**Not measured on hardware.**" in made


def test_without_results_the_page_says_so_ten_times():
    assert page({}).count("Not taken.") == len(KINDS)


def minutes(lives=1):
    """Two hours: the first is left out."""
    return [
        {"minute": each, "life": each * lives // 120, "held": 80_000.0, "counts": each >= 60}
        for each in range(120)
    ]


@pytest.mark.parametrize("noise", [160.0, float("inf")])
def test_a_soak_that_kept_its_minutes_has_its_picture_beside_the_page(tmp_path, noise):
    pytest.importorskip("matplotlib")
    (row,) = FIGURES["soak"]["growth"]
    rows = [
        row | {"what": what, "minutes": minutes(lives), "noise_per_hour": noise}
        for lives, what in enumerate((*soak_plot.SHOWN, "tasks"), 1)
    ]
    Result.now("soak", "x", FIGURES["soak"] | {"growth": rows}).write(tmp_path / "soak.json")

    page_command(tmp_path, tmp_path / "PAGE.md")

    assert f"]({PICTURE})" in (tmp_path / "PAGE.md").read_text()
    assert (tmp_path / PICTURE).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("what", [each for each in soak_plot.SHOWN if each not in (BRIDGE, RING)])
def test_a_panel_of_a_worker_is_called_as_its_process_is(what):
    assert find_spec(f"mynah.speech.{what.removesuffix(', KiB')}")


def test_a_soak_that_kept_none_has_its_table_alone():
    assert PICTURE not in page({"soak": Result.now("soak", "x", FIGURES["soak"])})


def test_figures_that_another_program_wrote_are_shown_with_the_command_that_repeats_them(tmp_path):
    (tmp_path / "recovery.json").write_text(json.dumps(FIGURES["recovery"]))
    made = page(read(tmp_path))

    assert "| cut | 20 | 0.61 | 1.50 | 2.20 |" in made
    assert " on this one:" in made
    assert "mynah bench recovery --json" in made
