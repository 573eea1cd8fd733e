import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynah.characters import archive, jsons, png
from mynah.characters.assets import left_behind, portrait_of
from mynah.characters.card import as_v2, as_v3, new_card
from mynah.characters.reading import read
from mynah.characters.view import AtDepth
from mynah.characters.writing import written
from mynah.errors import UserError
from tests.bridge.strange_cards import ANYTHING, MOCHI, as_png, card_png, charx, v1, v2, v3

RAW = st.one_of(v1(), v2(), v3())
KINDS = ("json", "png", "charx")


def same(card, raw):
    """Whether nothing of `raw` is missing or changed, where no assets had to be written anew."""
    wanted, got = as_v3(raw), as_v3(card.raw)
    got["data"] = {name: it for name, it in got["data"].items() if name != "assets"}
    return got == wanted


@given(RAW, st.sampled_from(KINDS))
@settings(max_examples=80, deadline=None)
def test_import_export_import_is_the_identity(raw, kind):
    card = read(jsons.write(raw), "card.json")
    exported = written(card, kind)
    again = read(exported, f"card.{kind}")

    assert same(again, raw)
    assert written(again) == exported
    assert read(written(again, "json"), "again.json").view == again.view


@given(RAW, st.sampled_from(["chara", "ccv3", "Chara", "CCV3"]))
@settings(max_examples=30, deadline=None)
def test_a_picture_that_was_not_changed_is_written_byte_for_byte(raw, keyword):
    content = card_png(raw, keyword)
    card = read(content, "card.png")

    assert card.raw == raw
    assert written(card) == content


@given(v2(), st.sampled_from([b"", b"\xef\xbb\xbf"]), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=40, deadline=None)
def test_marks_and_line_ends_of_a_file_survive(raw, mark, line_end):
    content = mark + json.dumps(raw, indent=1).replace("\n", line_end).encode()
    card = read(content, "card.json")

    assert card.raw == raw
    assert written(card) == content


@given(RAW, st.text(max_size=10), st.sampled_from(KINDS))
@settings(max_examples=30, deadline=None)
def test_an_edit_changes_what_it_names_and_nothing_else(raw, words, kind):
    before = copy.deepcopy(raw)
    card = read(written(read(jsons.write(raw), "card.json"), kind), f"card.{kind}")
    after = read(written(card.edited({"description": words})), f"card.{kind}")

    expected = as_v3(card.raw)
    expected["data"] = expected["data"] | {"description": words}
    assert as_v3(after.raw)["data"] == expected["data"]
    assert raw == before


def test_the_newer_chunk_counts_and_a_stale_one_is_replaced():
    old = {"spec": "chara_card_v2", "data": {"name": "old"}}
    content = as_png(
        chara=png.packed(jsons.write(old)),
        CCV3=png.packed(jsons.write(MOCHI)),
        Comment=b"made by somebody",
    )
    card = read(content, "card.png")
    assert card.view.called == "麻薯"

    after = png.parse(written(card.edited({"name": "Mo"})))
    names = [name for name, _ in after.text_chunks()]
    assert sorted(names) == ["Comment", "ccv3", "chara"]
    for keyword, spec in (("chara", "chara_card_v2"), ("ccv3", "chara_card_v3")):
        raw = jsons.read(png.unpacked(after.texts(keyword)[0], keyword), "it")
        assert (raw["spec"], raw["data"]["name"]) == (spec, "Mo")


def test_copies_of_a_field_beside_the_data_are_kept_up():
    raw = {**MOCHI, "name": "Mochi the cat", "description": "as SillyTavern writes it"}
    after = read(jsons.write(raw), "it").edited({"name": "Mo", "personality": "calm"}).raw

    assert (after["name"], after["data"]["name"]) == ("Mo", "Mo")
    assert after["description"] == "as SillyTavern writes it"
    assert "personality" not in after


def test_programs_that_know_no_decorators_are_not_given_any():
    (entry,) = as_v2(MOCHI)["data"]["character_book"]["entries"]

    assert entry["content"] == "likes tea"
    assert MOCHI["data"]["character_book"]["entries"][0]["content"].startswith("@@depth")


def test_older_names_are_understood():
    raw = {
        "char_name": "Ann",
        "char_persona": "kind",
        "world_scenario": "a garden",
        "char_greeting": "Hello",
        "example_dialogue": "You: hi\n{{char}}: hey",
    }
    view = read(json.dumps(raw).encode(), "ann.json").view

    assert (view.name, view.description, view.scenario) == ("Ann", "kind", "a garden")
    assert view.first_mes == "Hello"
    assert view.examples == (("hi", "hey"),)


def test_the_view_has_what_a_mind_needs():
    view = read(jsons.write(MOCHI), "mochi.json").view

    assert (view.name, view.called) == ("Mochi the cat", "麻薯")
    assert view.examples == (("hi", "meow\n*yawns*"), ("", "喵"))
    assert view.greetings == ("Oh. You.", "早安")
    assert view.depth_prompt == AtDepth(2, "user", "be short")
    assert view.emotions == ("joy",)


@given(st.dictionaries(st.sampled_from([*as_v3({})["data"], "assets", "nickname"]), ANYTHING))
@settings(max_examples=50, deadline=None)
def test_a_field_of_any_type_leaves_a_view(data):
    view = new_card(data).view

    assert isinstance(view.name, str)
    assert all(isinstance(each, str) for each in view.greetings)


def test_half_a_surrogate_pair_survives():
    content = b'{"name": "x\\ud83d", "description": "", "first_mes": "hi"}'
    card = read(content, "card.json")

    assert read(written(card, "png"), "card.png").raw["name"] == "x\ud83d"
    assert card.view.name == "x?"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("你好 我是麻薯", "zh"),
        ("こんにちは、私です", "ja"),
        ("안녕하세요", "ko"),
        ("Hello 你", ""),
    ],
)
def test_the_language_is_told_by_the_letters(text, language):
    assert new_card({"name": "x", "description": text}).view.language == language


class TestCharx:
    PICTURE = png.plain(3, 3, (9, 9, 9))

    def raw(self):
        raw = copy.deepcopy(MOCHI)
        raw["data"]["assets"][0]["uri"] = "embeded://assets/icon/images/main.png"
        return raw

    def test_members_nobody_knows_survive_an_edit(self):
        content = charx(
            self.raw(), **{"module.risum": b"\0\1", "extra/": b"", "x_meta.json": b"{}"}
        )
        after = archive.open_archive(written(read(content, "a.charx").edited({"name": "Mo"})))

        assert after.read("module.risum") == b"\0\1"
        assert {"card.json", "module.risum", "extra/", "x_meta.json"} <= set(after.names)

    def test_a_picture_in_front_of_the_zip_is_fine_and_stays(self):
        content = b"\xff\xd8\xff\xe0 a jpeg" + charx(self.raw())
        card = read(content, "a.jpg")

        assert written(card) == content
        assert written(card.edited({"name": "Mo"})).startswith(b"\xff\xd8\xff\xe0 a jpegPK")

    def test_the_portrait_comes_along_from_zip_to_picture_and_back(self):
        content = charx(self.raw(), **{"assets/icon/images/main.png": self.PICTURE, "a.mp3": b"x"})
        card = read(content, "a.charx")
        as_picture = read(written(card, "png"), "a.png")
        back = read(written(as_picture, "charx"), "b.charx")

        assert portrait_of(card) == portrait_of(as_picture) == self.PICTURE
        assert portrait_of(back) == self.PICTURE
        assert left_behind(card, "png") == ["a.mp3"]

    def test_assets_in_a_pictures_chunks_become_members(self):
        raw = copy.deepcopy(MOCHI)
        raw["data"]["assets"] = [
            {"type": "emotion", "uri": f"__asset:{number}", "name": "joy", "ext": "png"}
            for number in range(2)
        ]
        chunks = {f"chara-ext-asset_:{at}": png.packed(bytes([at])) for at in range(2)}
        content = as_png(ccv3=png.packed(jsons.write(raw)), **chunks)
        card = read(written(read(content, "a.png"), "charx"), "a.charx")

        opened = archive.open_archive(card.file)
        uris = [asset["uri"].removeprefix("embeded://") for asset in card.data["assets"][1:]]
        assert [opened.read(path) for path in uris] == [b"\0", b"\1"]
        assert portrait_of(card) == png.plain(2, 2, (1, 2, 3))


def test_a_portrait_that_is_no_picture_is_refused():
    with pytest.raises(UserError, match="no PNG"):
        written(new_card({"name": "x"}), "png", b"GIF89a")


def test_a_card_of_five_megabytes_is_read():
    raw = copy.deepcopy(MOCHI)
    raw["data"]["description"] = "猫" * 1_700_000
    card = read(card_png(raw), "large.png")

    assert len(card.view.description) == 1_700_000
