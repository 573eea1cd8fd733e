"""The firmware fits the flash of every board, and frozen the RAM of those that say so."""

import ast
import asyncio
from pathlib import Path

import pytest

from mynah.emulator.uri import boards
from mynah.maker.boards import ARCHITECTURES
from tests.hardware.budget import (
    FILES_KIB,
    HEAP_ON_CHIP_KIB,
    SLOTS,
    compiled_kib,
    constants_of,
    measured,
)
from tests.hardware.heap import KIB
from tests.repo.sources import imports, parse

MOST_COMPILED_KIB = 200
GROWTH_KIB = 16  # a bad conversation grows by the minute
FREE_KIB = 8
"""Of a heap that holds all it may: for what is thrown away again, and for holes."""
SMALL = ("tap_only", "xiao_esp32c3", "xiao_esp32c6")
ENOUGH_KIB = HEAP_ON_CHIP_KIB["esp32c3"]
"""Of the C6 nobody has told: its chip has more, so what a C3 just holds it should hold."""


@pytest.fixture(scope="module")
def compiled():
    architectures = set(ARCHITECTURES.values())
    return {each: sum(compiled_kib(each).values()) for each in architectures}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The boards without PSRAM, each measured once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MYNAH_DATA", str(tmp_path_factory.mktemp("data")))
        return {board: asyncio.run(measured(board)) for board in SMALL}


@pytest.mark.parametrize("board", boards())
def test_two_slots_and_all_that_may_be_said_fit_its_flash(compiled, board):
    constants = constants_of(board)
    chip = constants["CHIP"]
    slots_kib = SLOTS * compiled[ARCHITECTURES[chip]]

    assert slots_kib / SLOTS < MOST_COMPILED_KIB
    assert slots_kib + constants["FLASH_BYTES"] / KIB < FILES_KIB[chip]


def test_what_says_that_it_wants_the_firmware_frozen_is_what_has_no_psram():
    assert [board for board in boards() if constants_of(board).get("FROZEN")] == list(SMALL)


@pytest.mark.parametrize("board", SMALL)
def test_as_files_it_is_too_large_and_frozen_it_fits_when_all_waits_that_may(small, board):
    budget = small[board]
    free_kib = FREE_KIB if HEAP_ON_CHIP_KIB[budget.chip] else 0

    assert budget.on_chip_kib > ENOUGH_KIB, "its FROZEN may go"
    assert budget.most_kib < ENOUGH_KIB - free_kib


@pytest.mark.parametrize("board", SMALL)
def test_a_conversation_leaves_the_heap_as_it_was(small, board):
    budget = small[board]

    assert budget.conversing.used_kib < budget.booted.used_kib + GROWTH_KIB


def test_the_radio_has_its_memory_before_anything_of_ours_is_imported():
    app = parse(Path("firmware/app.py"))
    (main,) = [node for node in app.body if isinstance(node, ast.FunctionDef)]
    lines = [ast.unparse(node) for node in main.body]

    assert imports(ast.Module(app.body[:-1], [])) == {"bluetooth", "gc", "micropython"}
    assert lines.index("ble.active(True)") < lines.index("from mynah_parts import whole")
