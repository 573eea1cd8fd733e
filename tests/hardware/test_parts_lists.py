"""Parts lists hold what the wiring needs, and their sums are right."""

from decimal import Decimal

import pytest

from hardware.bom import lists
from hardware.bom.lists import UNWIRED, Line, read, table, total
from hardware.wiring import board_file
from hardware.wiring.headers import HEADERS
from hardware.wiring.netlist import parts

BOARDS = [board_file.read(name) for name in board_file.names()]
BUILDS = lists.builds()


def wired(build):
    """What the boards of a build need, as the wiring calls it."""
    return {
        part.key.split(" ")[0] for board in BOARDS if board.build == build for part in parts(board)
    }


def test_every_board_has_a_parts_list_and_every_list_a_board():
    assert {board.build for board in BOARDS} == set(BUILDS)


@pytest.mark.parametrize("build", BUILDS)
def test_a_list_holds_every_part_that_is_wired_and_no_other(build):
    assert {line.part for line in read(build)} - set(UNWIRED) == wired(build)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_the_board_that_is_ordered_is_the_one_that_is_wired(board):
    ordered = next(line for line in read(board.build) if line.part == "board")

    assert HEADERS[board.name].title in ordered.item


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_the_chips_that_a_board_file_names_are_ordered(board):
    text = " ".join(f"{line.item} {line.number}" for line in read(board.build)).lower()

    for constant in ("MOTION", "PULSE"):
        assert board.get(constant) in text
    assert board.get("HAPTIC") in ("", "pwm") or board.get("HAPTIC") in text


@pytest.mark.parametrize("build", BUILDS)
def test_a_line_can_be_ordered(build):
    for line in read(build):
        assert line.quantity > 0
        assert line.unit_usd > 0
        assert line.search
        assert line.price == "from memory, check"


@pytest.mark.parametrize("build", BUILDS)
def test_the_page_says_what_the_sums_are(build):
    lines = read(build)

    assert f"Together {total(lines)} USD" in table(build)
    assert total(lines) <= total(lines, everything=True)


def test_a_sum_counts_quantities_and_leaves_tools_and_options_out():
    def line(part, quantity, usd, *, needed=True):
        return Line(part, "x", "-", quantity, Decimal(usd), "", needed, "", "")

    lines = [
        line("case", 2, "1.50"),
        line("tools", 1, "9.00"),
        line("haptic", 1, "0.20", needed=False),
    ]

    assert total(lines) == Decimal("3.00")
    assert total(lines, everything=True) == Decimal("3.20")


def test_a_list_with_a_wrong_number_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(lists, "FOLDER", tmp_path)
    row = "board,x,-,1,1.00,now,perhaps,x,"
    (tmp_path / "odd.csv").write_text(",".join(lists.COLUMNS) + "\n" + row + "\n")

    with pytest.raises(ValueError, match="perhaps"):
        read("odd")
