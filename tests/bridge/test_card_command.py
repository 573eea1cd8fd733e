import io
import json
import tomllib

import pytest

from mynah.characters import jsons, png
from mynah.characters.home_folder import find
from mynah.characters.lorebook import Lorebook
from mynah.cli import invoke
from tests.bridge.strange_cards import MOCHI, card_png, charx

CHAT = "me: hi\nMochi: meow\nme: how are you?\nMochi: *yawns*\nme: night\nMochi: night\n"


@pytest.fixture(autouse=True)
def _own_data(monkeypatch, tmp_path):
    monkeypatch.setenv("MYNAH_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("mynah.config.settings_path", lambda: tmp_path / "mynah.toml")
    monkeypatch.setattr("mynah.setting.settings_path", lambda: tmp_path / "mynah.toml")


@pytest.fixture
def mochi(tmp_path):
    """She lives here."""
    (tmp_path / "mochi.png").write_bytes(card_png(MOCHI, "ccv3"))
    assert invoke(["card", "import", "mochi.png", "--name", "Mochi"]) == 0
    return find("Mochi")


def failure(capsys, arguments, code=2):
    assert invoke(arguments) == code
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    return err


def test_a_card_comes_and_goes_byte_for_byte(mochi, capsys, tmp_path):
    assert invoke(["card", "export", "mochi"]) == 0

    assert (tmp_path / "Mochi.png").read_bytes() == card_png(MOCHI, "ccv3")
    assert "is there already" in failure(capsys, ["card", "export", "mochi"])
    assert invoke(["card", "export", "mochi", "--force"]) == 0


@pytest.mark.parametrize(
    ("arguments", "file"),
    [
        (["--to", "x.charx"], "x.charx"),
        (["--format", "json"], "Mochi.json"),
        (["--capsule"], "Mochi.charx"),
        (["--capsule", "--to", "soul.charx", "--portrait", "me.png"], "soul.charx"),
    ],
)
def test_every_format_is_read_again(mochi, tmp_path, arguments, file):
    (tmp_path / "me.png").write_bytes(png.plain(2, 2, (8, 8, 8)))

    assert invoke(["card", "export", "mochi", *arguments]) == 0
    assert invoke(["card", "import", file, "--name", "Other"]) == 0
    assert find("Other").card().view == mochi.card().view


def test_a_capsule_has_no_other_format(mochi, capsys):
    arguments = ["card", "export", "mochi", "--capsule", "--format", "png"]

    assert "a capsule is a .charx" in failure(capsys, arguments)


def test_a_folder_of_cards_is_read_and_the_broken_ones_are_told(tmp_path, capsys):
    folder = tmp_path / "cards"
    folder.mkdir()
    for name in ("a", "b"):
        raw = {"name": name, "first_mes": "hi"}
        (folder / f"{name}.json").write_bytes(jsons.write(raw))
    (folder / "broken.png").write_bytes(b"x")
    (folder / "notes.txt").write_bytes(b"x")

    assert invoke(["card", "import", "cards"]) == 2
    told = capsys.readouterr()
    assert "a lives here now; mynah card use a" in told.out
    assert "b lives here now" in told.out
    assert "left out: " in told.err
    assert "1 of 3 cards could not be taken in" in told.err


def test_what_can_not_be_imported_is_one_line(tmp_path, capsys):
    (tmp_path / "empty").mkdir()

    assert "no cards in this folder" in failure(capsys, ["card", "import", "empty"])
    assert "No such file" in failure(capsys, ["card", "import", "nowhere.png"])
    assert "no character is called 'x'" in failure(capsys, ["card", "show", "x"])


def test_a_card_is_shown_as_text_whatever_it_says(tmp_path, capsys):
    raw = json.loads(json.dumps(MOCHI))
    raw["data"]["description"] = "<script>alert(1)</script> [red]x[/red] \x1b[2J[/nope]"
    (tmp_path / "evil.charx").write_bytes(charx(raw))

    assert invoke(["card", "show", "evil.charx"]) == 0
    out = capsys.readouterr().out
    assert "<script>alert(1)</script> [red]x[/red]" in out
    assert "\x1b[2J" not in out
    assert "麻薯" in out


def test_who_lives_here_and_who_is_played(mochi, tmp_path, capsys):
    assert invoke(["card", "use", "mochi"]) == 0
    assert tomllib.loads((tmp_path / "mynah.toml").read_text()) == {"character": "Mochi"}
    capsys.readouterr()

    assert invoke(["card", "list"]) == 0
    row = capsys.readouterr().out
    assert row.startswith("►  Mochi  png, V3")
    assert "1 entry" in row
    assert invoke(["card", "use", "none"]) == 0
    assert tomllib.loads((tmp_path / "mynah.toml").read_text()) == {"character": ""}


def test_a_sillytavern_world_becomes_lore_that_others_read(mochi, tmp_path, capsys):
    world = {
        "entries": {
            "0": {
                "uid": 7,
                "key": ["moon"],
                "keysecondary": ["full", "new"],
                "content": "@@depth 2\nThe moon is hers.",
                "selective": True,
                "selectiveLogic": 3,
                "order": 5,
                "position": 4,
                "disable": False,
                "sticky": 4,
                "caseSensitive": None,
                "newer": {"field": 1},
            }
        }
    }
    (tmp_path / "world.json").write_bytes(jsons.write(world))
    assert invoke(["card", "lore", "mochi", "world.json"]) == 0
    assert "1 entry new to Mochi" in capsys.readouterr().out

    old, new = mochi.card().view.book["entries"]
    assert old == MOCHI["data"]["character_book"]["entries"][0]
    assert (new["keys"], new["secondary_keys"]) == (["moon"], ["full", "new"])
    assert new["extensions"] == {
        "selectiveLogic": 3,
        "position": 4,
        "sticky": 4,
        "newer": {"field": 1},
    }
    by_card = Lorebook.of(mochi.card().view.book).entries[1]
    (by_world,) = Lorebook.of(world).entries
    assert by_card == by_world
    assert "takes lorebooks" in failure(capsys, ["card", "import", "world.json"])


def test_conversations_from_elsewhere_are_remembered(mochi, tmp_path, capsys):
    (tmp_path / "old.txt").write_text(CHAT)

    assert invoke(["card", "chats", "mochi", "old.txt"]) == 0
    assert "3 turns new to Mochi" in capsys.readouterr().out
    assert invoke(["card", "list"]) == 0
    assert "3 turns" in capsys.readouterr().out


def test_a_rescue_from_pasted_lines(monkeypatch, capsys, tmp_path):
    pasted = io.TextIOWrapper(io.BytesIO(CHAT.encode()))
    monkeypatch.setattr("sys.stdin", pasted)
    (tmp_path / "who.txt").write_text("A cat of few words.")

    assert invoke(["card", "rescue", "--persona", "who.txt"]) == 0
    assert "Mochi lives here now with 3 turns" in capsys.readouterr().out
    assert find("Mochi").card().view.description == "A cat of few words."


def test_lines_that_were_rescued_are_not_remembered_a_second_time(tmp_path, capsys):
    (tmp_path / "old.txt").write_text(CHAT)

    assert invoke(["card", "rescue", "old.txt", "--name", "Momo"]) == 0
    assert "the lines call them Mochi; here they are Momo" in capsys.readouterr().out
    assert invoke(["card", "chats", "momo", "old.txt"]) == 0
    assert "nothing new to Momo" in capsys.readouterr().out


def test_lore_is_taken_out_of_a_card_and_what_has_none_is_told(mochi, tmp_path, capsys):
    assert invoke(["card", "lore", "mochi", "mochi.png"]) == 0
    assert "1 entry new to Mochi" in capsys.readouterr().out
    (tmp_path / "bare.png").write_bytes(card_png({"name": "x", "first_mes": "hi"}))

    assert "without a lorebook" in failure(capsys, ["card", "lore", "mochi", "bare.png"])
    (tmp_path / "empty.txt").write_bytes(b"")
    assert "line 1 is broken" in failure(capsys, ["card", "lore", "mochi", "empty.txt"])


def test_lore_that_is_too_much_is_told_in_one_line(mochi, tmp_path, capsys):
    entries = [{"keys": ["a" * 2000, "b"], "content": "x", "enabled": True}]
    (tmp_path / "book.json").write_bytes(jsons.write({"entries": entries}))
    assert invoke(["card", "lore", "mochi", "book.json"]) == 0
    line = "too much lore to be looked through: without 1 keys"

    assert line in capsys.readouterr().out
    assert invoke(["card", "show", "mochi"]) == 0
    assert line in capsys.readouterr().out


def test_who_is_who_is_one_line_where_nobody_can_be_asked(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    (tmp_path / "old.txt").write_text(CHAT.replace("me:", "Ann:"))

    assert "say it with --user" in failure(capsys, ["card", "rescue", "old.txt"])
    assert invoke(["card", "rescue", "old.txt", "--user", "Ann"]) == 0


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_who_is_who_is_asked_at_a_terminal(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin", Terminal("nobody\nAnn\na cat\n"))
    (tmp_path / "old.txt").write_text(CHAT.replace("me:", "Ann:"))

    assert invoke(["card", "rescue", "old.txt"]) == 0
    assert find("Mochi").card().view.description == "a cat"
