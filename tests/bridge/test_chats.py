import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynah.characters.chats import pasted, silly_tavern
from mynah.characters.chats.chat import chat_of
from mynah.characters.chats.moments import moment
from mynah.characters.chats.reading import read
from mynah.errors import UserError
from mynah.memory.log import Turn
from tests.bridge.strange_cards import ANYTHING

NINE_PM = moment("2024-05-01T21:00:00+00:00")


def lines(chat):
    return [(line.by_user, line.text) for line in chat.lines]


def jsonl(*rows):
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


HEAD = {
    "user_name": "Ann",
    "character_name": "Mochi",
    "create_date": "x",
    "chat_metadata": {"a": 1},
}


class TestSillyTavern:
    ROWS = (
        HEAD,
        {"name": "Mochi", "is_user": False, "send_date": "June 19, 2023 2:20pm", "mes": "Oh."},
        {
            "name": "Ann",
            "is_user": True,
            "mes": "hi\r\nthere",
            "extra": {"ring": {"touch": "hug", "emotion": "joy", "heard_ms": 900}},
            "swipes": ["hi", "hello"],
            "unknown": [1, None],
        },
        {"name": "note", "is_user": False, "is_system": True, "mes": "not said"},
        {"name": "Mochi", "is_user": False, "mes": "喵", "send_date": 1_700_000_000_000},
    )

    def test_what_is_read_is_written_again_with_every_key(self):
        (chat,) = read(jsonl(*self.ROWS), "a.jsonl")
        again = [json.loads(row) for row in silly_tavern.write(chat).decode().splitlines()]

        for wanted, got in zip(self.ROWS, again, strict=True):
            assert {name: got[name] for name in wanted} == wanted

    @given(st.lists(st.dictionaries(st.text(max_size=6), ANYTHING, max_size=3), max_size=4))
    @settings(max_examples=40, deadline=None)
    def test_a_second_round_changes_nothing(self, others):
        rows = [other | {"mes": str(at), "name": "x"} for at, other in enumerate(others, 1)]
        (chat,) = read(jsonl(HEAD, {"mes": "0"}, *rows), "a.jsonl")
        (again,) = read(silly_tavern.write(chat), "b.jsonl")

        assert lines(again) == lines(chat)
        assert silly_tavern.write(again) == silly_tavern.write(chat)

    def test_turns_pair_words_and_answers_and_leave_notes_out(self):
        (chat,) = read(jsonl(*self.ROWS), "a.jsonl")
        opening, turn = chat.turns("old")

        assert (opening.said, opening.heard) == ("", "Oh.")
        assert (turn.said, turn.heard, turn.ring) == ("hi\r\nthere", "喵", "hug")
        assert turn.at == 1_700_000_000
        assert turn.source == "old"

    def test_newer_files_have_no_names_in_their_head(self):
        head = {"chat_metadata": {}, "user_name": "unused", "character_name": "unused"}
        (chat,) = read(jsonl(head, *self.ROWS[1:]), "a.jsonl")

        assert (chat.user_name, chat.character_name) == ("Ann", "Mochi")

    def test_broken_lines_are_told_and_the_others_stay(self):
        content = jsonl(HEAD) + b'{"mes": "a"}\n{broken\n[1]\n\n{"mes": "b"}\n' + b"{" * 9
        (chat,) = read(content, "a.jsonl")

        assert lines(chat) == [(False, "a"), (False, "b")]
        assert chat.told == (
            "line 3 is broken and was left out",
            "line 4 is no line of a conversation and was left out",
            "line 7 is broken and was left out",
        )

    def test_many_broken_lines_are_counted(self):
        (chat,) = read(jsonl(HEAD, {"mes": "a"}) + b"x\n" * 100, "a.jsonl")

        assert chat.told[-1] == "and 95 lines more"

    def test_a_line_of_a_megabyte_is_left_out(self):
        (chat,) = read(jsonl(HEAD, {"mes": "a"}, {"mes": "b" * 1_000_000}), "a.jsonl")

        assert lines(chat) == [(False, "a")]
        assert "1000011 characters" in chat.told[0]

    def test_chubs_nesting_is_flattened(self):
        row = {"name": "M", "mes": {"message": "yo"}, "swipes": [{"message": "yo"}, "plain"]}
        (chat,) = read(jsonl(HEAD, row), "a.jsonl")

        assert chat.lines[0].raw["mes"] == chat.lines[0].text == "yo"
        assert chat.lines[0].raw["swipes"] == ["yo", "plain"]


TURNS = [
    Turn("hi", "yo", 1700000000.5, "local", "en"),
    Turn("again", "", 1700000100.0),
    Turn("", "hello", 1700000200.0, "openai"),
    Turn("", "", 1700000300.0, ring="hugged for 3 s"),
    Turn("line\nline", "喵", 1700000400.0),
]


def test_a_log_goes_into_a_chat_and_back():
    (chat,) = read(silly_tavern.write(chat_of(TURNS, "Ann", "Mochi")), "a.jsonl")

    assert chat.turns("") == TURNS


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        (
            {
                "histories": {
                    "histories": [
                        {
                            "msgs": [
                                {"text": "hi", "src": {"is_human": True, "name": "Ann"}},
                                {"text": "yo", "src": {"is_human": False, "name": "Mochi"}},
                            ]
                        },
                        {"msgs": []},
                    ]
                }
            },
            [(True, "hi"), (False, "yo")],
        ),
        (
            {"data_visible": [["<|BEGIN-VISIBLE-CHAT|>", "Oh."], ["hi", "yo"]], "data": []},
            [(False, "Oh."), (True, "hi"), (False, "yo")],
        ),
        ({"internal": [], "visible": [["hi", "yo"]]}, [(True, "hi"), (False, "yo")]),
        (
            {"name": "x", "messages": [{"userId": "1", "msg": "hi"}, {"msg": "yo"}]},
            [(True, "hi"), (False, "yo")],
        ),
        (
            {
                "type": "risuChat",
                "data": {
                    "message": [{"role": "user", "data": "hi"}, {"role": "char", "data": "yo"}]
                },
            },
            [(True, "hi"), (False, "yo")],
        ),
    ],
    ids=["cai tools", "webui of old", "webui", "agnai", "risu"],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_other_programs_files_are_read(raw, wanted, indent):
    (chat,) = read(json.dumps(raw, indent=indent).encode(), "export.json")

    assert lines(chat) == wanted


@given(ANYTHING)
@settings(max_examples=60, deadline=None)
def test_any_json_is_read_or_refused(anything):
    for raw in (anything, {"histories": anything}, {"messages": anything}, {"visible": anything}):
        try:
            read(json.dumps({"histories": {"histories": raw}} | {"x": raw}).encode(), "it")
            read(json.dumps(raw).encode(), "it")
        except UserError:
            continue


class TestPasted:
    def test_speakers_moments_and_lines_that_go_on(self):
        text = (
            "copied from somewhere\n"
            "[2024-05-01 21:30] Mochi: are you still up?\n"
            "me: nearly: asleep\n"
            "https://example.org/x\n"
            "Mochi 2024/5/1 21:31\n"
            "*yawns*\n"
            "good night\n"
            "21:35 me: night!\n"
        )
        (chat,) = read(text.encode(), "paste.txt")

        assert lines(chat) == [
            (False, "are you still up?"),
            (True, "nearly: asleep\nhttps://example.org/x"),
            (False, "*yawns*\ngood night"),
            (True, "night!"),
        ]
        assert chat.lines[2].at - chat.lines[0].at == 60
        assert chat.told == ("before the first name 1 of the lines were left out",)

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
    @pytest.mark.parametrize("line_end", ["\n", "\r\n"])
    def test_chinese_in_any_encoding(self, encoding, line_end):
        text = line_end.join(
            ["我\uff1a还没睡", "麻薯\uff1a快去睡\uff01*戳*", "我: 好", "麻薯  昨天 21:31", "晚安"]
        )
        (chat,) = read(text.encode(encoding), "paste.txt")

        assert (chat.user_name, chat.character_name) == ("我", "麻薯")
        assert lines(chat) == [
            (True, "还没睡"),
            (False, "快去睡\uff01*戳*"),
            (True, "好"),
            (False, "晚安"),
        ]

    def test_names_in_bold_and_behind_a_whatsapp_date(self):
        text = "**Mochi:** hi\n01/05/2024, 12:30 - Ann: yo\n**Mochi**: *waves*\nAnn: :)"
        (chat,) = read(text.encode(), "paste.txt", user="Ann")

        assert lines(chat) == [(False, "hi"), (True, "yo"), (False, "*waves*"), (True, ":)")]

    def test_who_is_who_is_asked_when_nobody_can_tell(self):
        text = b"Ann: a\nMochi: b\nAnn: c\nMochi: d"
        with pytest.raises(pasted.WhoError, match="who are you among Ann, Mochi"):
            read(text, "it")

        (chat,) = read(text, "it", character="Mochi")
        assert (chat.user_name, chat.character_name) == ("Ann", "Mochi")
        (chat,) = read(text, "it", user="Mochi")
        assert (chat.user_name, chat.character_name) == ("Mochi", "Ann")

    def test_a_sentence_with_a_colon_is_no_speaker(self):
        text = b"me: hi\nMochi: I thought of something\nremember: buy milk\nMochi: ok\nme: yes"
        (chat,) = read(text, "it")

        assert lines(chat)[1] == (False, "I thought of something\nremember: buy milk")

    @pytest.mark.parametrize("content", [b"", b"  \n", b"no speaker at all", b"\xff\xff\xff"])
    def test_what_is_no_conversation_is_refused(self, content):
        with pytest.raises(UserError):
            read(content, "it")

    @given(st.text(st.sampled_from("a我:\uff1a \n[]12-/*"), max_size=80))
    @settings(max_examples=80, deadline=None)
    def test_any_text_is_read_or_refused(self, text):
        try:
            (chat,) = read(text.encode(), "it", user="a")
        except UserError:
            return
        assert chat.lines


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        (1_700_000_000, 1_700_000_000),
        (1_700_000_000_000, 1_700_000_000),
        ("1700000000000", 1_700_000_000),
        ("2024-05-01T21:00:00Z", NINE_PM),
        ("2024-05-01T21:00:00.000+00:00", NINE_PM),
        ("soon", 0),
        (None, 0),
        (float("inf"), 0),
        (-5, 0),
        ("9" * 400, 0),
        ("2024-99-99", 0),
        ("1/5/2024, 21:00", 0),  # January or May
    ],
)
def test_moments_as_programs_write_them(written, seconds):
    assert moment(written) == seconds


@pytest.mark.parametrize(
    "written",
    [
        "May 1, 2024 9:00pm",
        "2024-5-1 @21h 00m 00s 12ms",
        "2024-05-01@21h00m00s",
        "2024/05/01 21:00",
        "2024年5月1日 21:00",
        "2024年5月1日 下午9:00",
        "[2024-05-01 21:00]",
    ],
)
def test_moments_without_a_zone_are_this_computers(written):
    assert moment(written) == moment("2024-05-01T21:00:00")
