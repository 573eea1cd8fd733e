import io
import json
import stat
import tracemalloc
import zipfile
import zlib

import pytest

from mynah.characters import png
from mynah.characters.card import new_card
from mynah.characters.reading import read, read_file
from mynah.characters.writing import written
from mynah.errors import UserError
from tests.bridge.strange_cards import MOCHI, as_png, card_png, charx

PLAIN = {"spec": "chara_card_v2", "data": {"name": "Mochi"}}


def refusal(content, what="it"):
    """The one line that it is refused with."""
    with pytest.raises(UserError) as caught:
        read(content, what)
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith(what)
    return line


def test_a_card_of_50_megabytes_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "huge.png"
    with path.open("wb") as file:
        file.truncate(50_000_000)

    with pytest.raises(UserError, match=r"huge\.png: larger than 34 MB; a card is smaller$"):
        read_file(path)


def test_words_of_20_megabytes_are_refused_in_every_container(monkeypatch):
    monkeypatch.setattr("mynah.characters.jsons.MOST_JSON_BYTES", 1000)
    raw = {"name": "x", "description": "a" * 2000, "first_mes": ""}

    for content in (json.dumps(raw).encode(), card_png(raw), charx(raw)):
        assert "0 MB of JSON; more than 0 is not read" in refusal(content)


def test_a_file_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(UserError, match="No such file"):
        read_file(tmp_path / "no.png")
    with pytest.raises(UserError, match="Is a directory"):
        read_file(tmp_path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"{", "not JSON"),
        (b"[1]", "not an object"),
        (b'{"a": 1}', "no character card: it has a"),
        (b'{"name": Nope, "first_mes": ""}', "line 1 is broken"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"a":' * 100_000, "nested too deep"),
        (b'{"name": "\xff\xfe"}', "not text in UTF-8"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"\xff\xd8\xff\xe0 jpeg", "a picture, but no PNG"),
        (b"name: Mochi\n", "no card"),
        (png.plain(1, 1, (0, 0, 0)), "a picture without a character"),
        (png.SIGNATURE, "cut off before any character"),
        (as_png(ccv3=b"%%%"), "not base64"),
        (as_png(ccv3=png.packed(b"{")), "not JSON"),
        (b"PK\x03\x04 and so on", "broken or cut off"),
        (charx(PLAIN)[:-30], "broken or cut off"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_is_no_card_is_told_in_one_line(content, said):
    assert said in refusal(content)


def test_yaml_is_named_with_what_to_do():
    assert "export it as JSON or PNG" in refusal(b"name: Mochi\n", "card.yaml")


def test_a_picture_that_is_cut_anywhere_is_read_or_refused():
    content = as_png(Comment=b"x", ccv3=png.packed(json.dumps(PLAIN).encode()))
    borders = [len(png.SIGNATURE)]
    for chunk in png.parse(content).chunks:
        borders.append(borders[-1] + len(chunk.whole))
    outcomes = set()
    for cut in sorted({*borders, *(each + 5 for each in borders), *(each - 1 for each in borders)}):
        try:
            card = read(content[:cut], "cut.png")
        except UserError:
            outcomes.add("refused")
            continue
        assert card.view.name == "Mochi"
        whole = read(written(card.edited({"name": "Mo"})), "mended.png")
        assert whole.view.name == "Mo"
        outcomes.add("cut, but read" if card.told else "whole")

    assert outcomes == {"refused", "cut, but read", "whole"}


def test_a_broken_newer_chunk_leaves_the_older_one():
    content = as_png(ccv3=b"%%%", chara=png.packed(json.dumps(PLAIN).encode()))
    card = read(content, "it")

    assert card.view.name == "Mochi"
    assert card.told == (
        "it: ccv3: not base64: Only base64 data is allowed; chara was read instead",
    )


def test_a_chunk_that_claims_to_be_longer_than_the_file_is_a_cut():
    content = png.SIGNATURE + b"\xff\xff\xff\xffIDAT" + b"\0" * 100

    assert "cut off" in refusal(content)


def zipped(*members, **options):
    """A zip with these members; each a name, a content, and what to change about it."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, inside, *change in members:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            for key, value in (change[0] if change else {}).items():
                setattr(info, key, value)
            opened.writestr(info, inside)
    return content.getvalue()


CARD = ("card.json", json.dumps(PLAIN))


@pytest.mark.parametrize(
    "name", ["../../evil", "/etc/passwd", "a/../../b", "..\\..\\evil", "C:\\evil", "assets/../../x"]
)
def test_a_zip_that_points_outside_is_refused(name):
    assert "points out of the zip" in refusal(zipped(CARD, (name, "x")))


def test_a_link_in_a_zip_is_refused():
    link = ("assets/a", "/etc/passwd", {"external_attr": (stat.S_IFLNK | 0o777) << 16})

    assert "points out of the zip" in refusal(zipped(CARD, link))


def test_a_zip_bomb_is_refused_before_it_goes_off(monkeypatch):
    monkeypatch.setattr("mynah.characters.archive.MOST_UNPACKED_BYTES", 8 << 20)
    monkeypatch.setattr("mynah.characters.archive._member", None)  # nothing may be unpacked
    content = zipped(CARD, *((f"assets/{at}", b"\0" * (4 << 20)) for at in range(2)))
    assert len(content) < 1 << 20

    assert "8 MB when unpacked; a card has at most 8" in refusal(content)


def test_a_zip_that_lies_about_a_size_is_refused():
    content = zipped(("card.json", b" " * (1 << 20)))
    lie = content.replace((1 << 20).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    assert lie != content

    assert "can't be unpacked" in refusal(lie)


def test_no_more_is_unpacked_than_a_zip_says_there_is():
    """Its size and its checksum are those of the beginning, and fit."""
    card = CARD[1].encode()
    whole = card + b" " * (1 << 24)
    content = zipped((CARD[0], whole))
    for told, lie in ((len(whole), len(card)), (zlib.crc32(whole), zlib.crc32(card))):
        content = content.replace(told.to_bytes(4, "little"), lie.to_bytes(4, "little"))

    tracemalloc.start()
    assert read(content, "it").view.name == "Mochi"
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak_bytes < len(whole) / 4


def test_an_encrypted_member_is_refused():
    content = bytearray(zipped(CARD, ("secret", "x")))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.rindex(mark) + at] |= 1

    assert "encrypted" in refusal(bytes(content))


def test_too_many_members_are_refused(monkeypatch):
    monkeypatch.setattr("mynah.characters.archive.MOST_MEMBERS", 3)

    assert "4 files in one zip" in refusal(zipped(CARD, *((str(at), "") for at in range(3))))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused():
    assert "two files of one name" in refusal(zipped(CARD, CARD))


def test_a_zip_without_a_card_is_refused():
    assert "without card.json" in refusal(zipped(("a", "b")))


def test_html_and_scripts_stay_words():
    evil = "<img src=x onerror=alert(1)><script>alert(1)</script> [bold]x[/bold] \x1b[2J"
    card = read(written(new_card({"name": "x", "description": evil}), "png"), "x.png")

    assert card.view.description == evil


def test_what_a_card_names_is_no_path():
    raw = json.loads(json.dumps(MOCHI))
    raw["data"]["assets"] = [
        {"type": "../../x", "uri": "__asset:0", "name": "../../../etc/passwd", "ext": "../sh"}
    ]
    chunk = {"chara-ext-asset_:0": png.packed(b"x")}
    content = as_png(ccv3=png.packed(json.dumps(raw).encode()), **chunk)
    card = read(written(read(content, "a.png"), "charx"), "a.charx")

    (_icon, asset) = card.data["assets"]
    assert ".." not in asset["uri"].split("/")
