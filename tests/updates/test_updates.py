"""A small version of `python -m tests.updates`: a real MicroPython, a folder, and no mercy."""

import pytest

from tests.micropython.interpreters import MICROPYTHON, NO_MICROPYTHON
from tests.updates.__main__ import refused
from tests.updates.power import Cut, outcome
from tests.updates.refusals import every
from tests.updates.trials import (
    broken_apps,
    built_in_starts,
    goes_back,
    image_starts,
    meets_nobody,
    nothing_starts,
    survives_nvs,
)

pytestmark = pytest.mark.skipif(not MICROPYTHON.exists(), reason=NO_MICROPYTHON)

CUTS = [
    (Cut("flash", 20, 500), "old"),  # in a file
    (Cut("nvs", 1, 1), "new"),  # the slot is to be tried
    (Cut("trial", 1, 1), "old"),  # the one boot was had
]


@pytest.mark.parametrize(("cut", "starts"), CUTS, ids=str)
def test_power_is_cut_and_something_starts(cut, starts, tmp_path):
    assert outcome(cut, tmp_path) == starts


def test_every_kind_of_bad_bundle_is_refused_and_counted(tmp_path):
    kinds = {}
    for case in every(1):
        kinds.setdefault(case.kind, case)
    wrong = {case.kind: said for case, said in refused(kinds.values(), tmp_path) if said}

    assert len(kinds) > 20
    assert wrong == {}


@pytest.mark.parametrize("name", ["a chip's own code"])
def test_a_build_that_raises_is_taken_back(name, tmp_path):
    goes_back(broken_apps(tmp_path / "made")[name], tmp_path / "ring")


def test_a_trial_that_meets_no_host_is_the_only_one(tmp_path):
    meets_nobody(tmp_path)


def test_without_anything_that_starts_a_line_says_what_to_do(tmp_path):
    nothing_starts(tmp_path)


def test_without_a_slot_that_starts_the_application_beside_the_loader_does(tmp_path):
    built_in_starts(tmp_path)


def test_without_a_slot_that_starts_the_application_in_the_image_does(tmp_path):
    image_starts(tmp_path)


def test_a_broken_nvs_is_slot_a(tmp_path):
    survives_nvs("{", tmp_path)
