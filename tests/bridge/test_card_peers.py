"""Libraries of other people load what we write."""

import pytest
from hypothesis import given, settings

from mynah.characters import archive, jsons, png
from mynah.characters.capsule import Soul, packed
from mynah.characters.card import as_v3
from mynah.characters.chats.reading import read as read_chats
from mynah.characters.reading import read
from mynah.characters.rescue import rescued
from mynah.characters.writing import written
from mynah.memory.fact import Fact
from tests.bridge.strange_cards import MOCHI, TEXTS, v1, v2, v3

PASTED = "\n".join(f"我: 第{at}句\n麻薯: 回答{at} *喵*" for at in range(25))


def capsule_card():
    """The card in a capsule, as a program sees it that unpacks the zip."""
    fact = Fact("{{user}} drinks tea", ("tea", "茶")).entry()
    content = packed(Soul(read(jsons.write(MOCHI), "it"), (fact,)), "Ann")
    return archive.open_archive(content).read("card.json")


@pytest.fixture(scope="module")
def tavern_card():
    return pytest.importorskip("tavern_card", reason="pip install tavern-card")


@pytest.fixture(scope="module")
def forge():
    """Card Forge, and its model of a card."""
    helper = pytest.importorskip("forge.helper", reason="pip install card-forge")
    from forge.models import CharacterCardV3

    return helper, CharacterCardV3


class TestTavernCard:
    @given(v1() | v2() | v3())
    @settings(max_examples=30, deadline=None)
    def test_it_reads_our_pictures(self, tavern_card, raw):
        card = read(jsons.write(raw), "it").edited({"name": "Mochi"})  # it wants one
        data = tavern_card.parse_png_card(written(card, "png"))["data"]

        for name in TEXTS:
            assert data[name] == card.data[name]
        assert data["extensions"] == card.data["extensions"]

    def test_we_read_its_pictures(self, tavern_card):
        content = tavern_card.write_png_card(tavern_card.parse_card(jsons.write(MOCHI)))
        view = read(content, "it").view

        assert view.name == "Mochi the cat"
        assert len(view.book["entries"]) == 1

    def test_it_reads_a_rescued_card_and_one_out_of_a_capsule(self, tavern_card):
        card = rescued(read_chats(PASTED.encode(), "it"), "麻薯")
        data = tavern_card.parse_png_card(written(card, "png"))["data"]
        assert data["mes_example"].count("<START>") == 8

        entries = tavern_card.parse_card(capsule_card())["data"]["character_book"]["entries"]
        assert [entry["content"] for entry in entries][1:] == ["{{user}} drinks tea"]


class TestCardForge:
    def test_it_reads_our_pictures_with_what_v3_added(self, forge, tmp_path):
        helper, _ = forge
        path = tmp_path / "mochi.png"
        path.write_bytes(written(read(jsons.write(MOCHI), "it"), "png"))
        card = helper.extract_card_data(str(path))

        assert card.spec == "chara_card_v3"
        assert (card.data.name, card.data.nickname) == ("Mochi the cat", "麻薯")
        assert [asset.name for asset in card.data.assets] == ["main", "joy"]

    def test_its_model_takes_a_rescued_card_and_one_out_of_a_capsule(self, forge):
        _, model = forge
        card = rescued(read_chats(PASTED.encode(), "it"), "麻薯")
        assert model.model_validate_json(written(card)).data.name == "麻薯"

        raw = model.model_validate_json(capsule_card())
        assert raw.data.character_book.entries[1].content == "{{user}} drinks tea"

    def test_we_read_its_pictures(self, forge, tmp_path):
        helper, model = forge
        path = tmp_path / "out.png"
        (tmp_path / "in.png").write_bytes(png.plain(4, 4, (1, 2, 3)))
        card = model.model_validate(as_v3(MOCHI)).model_dump_json()
        helper.embed_card_data(card, str(tmp_path / "in.png"), str(path))

        assert read(path.read_bytes(), "it").view.called == "麻薯"
