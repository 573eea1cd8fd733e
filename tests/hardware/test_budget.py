"""The firmware fits the flash of every board, and the ring's heap does not grow unnoticed."""

import runpy

import pytest

from mynah.emulator.uri import boards
from mynah.firmware import firmware_folder
from mynah.maker.boards import ARCHITECTURES
from tests.hardware.budget import FILES_KIB, KIB, SLOTS, compiled_kib, measured

MOST_COMPILED_KIB = 200
GROWTH_KIB = 16  # a bad conversation grows by the minute
MOST_HEAP_KIB = 500
"""Of the ring of the fewest parts, in the emulator. On its chip that is too much, see budget.py."""


@pytest.fixture(scope="module")
def compiled():
    architectures = set(ARCHITECTURES.values())
    return {each: sum(compiled_kib(each).values()) for each in architectures}


@pytest.mark.parametrize("board", boards())
def test_two_slots_and_all_that_may_be_said_fit_its_flash(compiled, board):
    constants = runpy.run_path(str(firmware_folder() / "boards" / f"{board}.py"))
    chip = constants["CHIP"]
    slots_kib = SLOTS * compiled[ARCHITECTURES[chip]]

    assert slots_kib / SLOTS < MOST_COMPILED_KIB
    assert slots_kib + constants["FLASH_BYTES"] / KIB < FILES_KIB[chip]


async def test_a_conversation_of_the_ring_leaves_its_heap_as_it_was(tmp_path, monkeypatch):
    monkeypatch.setenv("MYNAH_DATA", str(tmp_path))

    budget = await measured("xiao_esp32c3")

    assert budget.booted_kib < MOST_HEAP_KIB
    assert budget.conversing_kib < budget.booted_kib + GROWTH_KIB
