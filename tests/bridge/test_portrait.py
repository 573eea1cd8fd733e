import struct
import zlib

import pytest

from mynah.characters import jsons, png
from mynah.characters.reading import read
from mynah.characters.writing import written
from mynah.cli.portrait import COLUMNS, ROWS, _pixels, drawn
from tests.bridge.strange_cards import MOCHI


@pytest.fixture
def _colours(monkeypatch):
    """A terminal that has them all."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")


def card(picture):
    return read(written(read(jsons.write(MOCHI), "it"), "png", picture), "it")


@pytest.mark.usefixtures("_colours")
def test_a_portrait_is_drawn_in_two_colours_a_letter():
    text = drawn(card(png.plain(40, 60, (10, 20, 30))))

    assert [len(line) for line in text.plain.splitlines()] == [COLUMNS] * ROWS
    assert {str(span.style) for span in text.spans} == {"rgb(10,20,30) on rgb(10,20,30)"}


@pytest.mark.usefixtures("_colours")
@pytest.mark.parametrize("side", [0, 60_000])
def test_a_picture_that_claims_to_be_gigabytes_is_not_unpacked(side):
    picture = png.plain(2, 2, (1, 2, 3))
    size = struct.pack(">II", 2, 2)
    assert drawn(card(picture.replace(size, struct.pack(">II", side, side)))) is None


@pytest.mark.usefixtures("_colours")
def test_a_picture_whose_size_is_not_where_it_has_to_be_is_not_unpacked():
    small = struct.pack(">II", 1, 1)
    picture = png.plain(40, 60, (1, 2, 3))
    at = len(png.SIGNATURE)
    text = png.plain(1, 1, (0, 0, 0))[at:].partition(b"IDAT")[0][:-4].replace(b"IHDR", b"tEXt")
    assert text[8:16] == small
    head, checksum = text[:-4], zlib.crc32(text[4:-4]).to_bytes(4, "big")

    assert _pixels(picture) is not None
    assert _pixels(picture[:at] + head + checksum + picture[at:]) is None


@pytest.mark.usefixtures("_colours")
def test_a_broken_picture_is_not_drawn():
    picture = png.plain(40, 60, (1, 2, 3))

    assert drawn(card(picture.replace(b"IDAT", b"JDAT"))) is None


def test_without_colours_nothing_is_drawn():
    assert drawn(card(png.plain(2, 2, (1, 2, 3)))) is None
