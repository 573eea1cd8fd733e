"""No page sells a cell that its board's charger would overcharge."""

import importlib
import re

import pytest

from hardware.bom.lists import FOLDER, builds, read
from hardware.enclosure import NAMES
from hardware.wiring.checks import CHARGED_ELSEWHERE
from mynah.maker.boards import boards
from mynah.maker.chargers import charger_of

CAPACITY = re.compile(r"(\d+) mAh")
PAGES = FOLDER.parent / "builds"


def page(build):
    return (PAGES / f"{build}.md").read_text(encoding="utf-8")


def capacities(build):
    items = [line.item for line in read(build) if line.part == "cell"]
    return [int(found[1]) for item in items if (found := CAPACITY.search(item))]


WITH_CELLS = [build for build in builds() if capacities(build)]
CARRIED = [board for board in boards().values() if board.build in WITH_CELLS]


def test_the_builds_with_a_cell_are_those_whose_boards_have_chargers():
    assert {board.build for board in CARRIED} == set(WITH_CELLS)
    assert all(charger_of(board, {}) for board in CARRIED)


@pytest.mark.parametrize("board", CARRIED, ids=lambda board: board.name)
def test_a_cell_is_as_large_as_the_charger_wants_or_charged_off_the_board(board):
    too_small = min(capacities(board.build)) < charger_of(board, {}).smallest_mah

    assert too_small == (board.build in CHARGED_ELSEWHERE)


@pytest.mark.parametrize("build", CHARGED_ELSEWHERE)
def test_what_is_charged_off_the_board_has_a_charger_on_its_list_and_the_reason_on_its_page(build):
    assert any("charger" in line.item for line in read(build) if line.part == "tools")
    assert "350 to 370 mA" in page(build)
    assert "over the USB opening" in page(build) or "cover the USB opening" in page(build)


@pytest.mark.parametrize("build", sorted(set(NAMES) & set(WITH_CELLS)))
def test_the_cell_that_an_enclosure_holds_is_the_one_on_the_list(build):
    blocks = importlib.import_module(f"hardware.enclosure.{build}").BLOCKS
    held = [found[1] for block in blocks if (found := CAPACITY.search(block.name))]

    assert [int(capacity) for capacity in held] == capacities(build)


@pytest.mark.parametrize("build", builds())
def test_a_page_says_how_its_commands_are_found_before_the_first(build):
    above, _, _ = page(build).partition("mynah flash --board")

    assert ".venv/bin/activate" in above
