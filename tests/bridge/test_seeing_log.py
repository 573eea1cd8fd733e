"""The log holds figures; whatever is noted, by whatever way, no secret and no word gets into it."""

import base64
import json
import logging
import os
import queue
import stat
from pathlib import Path

import pytest

from mynah.companions.reaching.openai_http import api_key
from mynah.config import OpenAI, Settings, parse
from mynah.link.keys import KeyStore, RingKey, new_key
from mynah.seeing import log
from mynah.seeing.kinds import OTHER, kind_of
from mynah.seeing.redaction import HIDDEN, Redaction
from mynah.seeing.seen import LOUD, Seen, figures, seen
from mynah.seeing.server import known_token
from mynah.turn.glimpse import Glimpse
from mynah.turn.machine import State
from mynah.turn.record import LinkFigures, TurnRecord
from mynah.view import View

SAID = "my sister Anneliese drives a purple tractor"
REPLY = "What a lovely colour for farming machinery"
API_KEY = "unusual-letters-77-of-a-vendor"
ID = "00112233445566ff"

_note = logging.getLogger("mynah.somewhere")


class Watching(View):
    def __init__(self):
        self.troubles = []

    def trouble(self, text):
        self.troubles.append(text)


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def glimpse():
    return Glimpse(State.LISTENING, 1, SAID, SAID, SAID, None, None, 0.0, None, LinkFigures())


def fails(text):
    raise ValueError(text)


def note_everywhere(text):
    """Every way by which anything gets into the log."""
    _note.info("said %s", text)
    _note.warning("said %r in %d ms", {"text": text}, 7)
    _note.info(text)
    _note.info(f"all of it: {text}!")
    log.event(text, why=text, words={"text": text}, text=text, many=[text], more={text: text})
    try:
        fails(text)
    except ValueError as error:
        _note.exception("it failed")
        _note.error("it failed: %s", error, exc_info=error)
    view = Seen(View())
    view.trouble(f"the companion said {text!r}")
    view.tell(text)
    view.show(glimpse(), text, text)
    with view.busy(text):
        view.turn(TurnRecord(1, transcript=text, reply=text, heard=text, error=text), text)


def quoted(text):
    """The longest part of it that would give it away, and its words."""
    return [text, *(word for word in text.split() if len(word) > 3)]


def test_no_word_gets_into_the_log_by_any_way():
    view = Seen(View())
    with log.logged() as path:
        view.turn(TurnRecord(1, transcript=SAID, reply=REPLY), "parrot")
        for text in (SAID, REPLY):
            note_everywhere(text)

    written = path.read_text()
    assert len(lines(path)) > 10
    assert [each for text in (SAID, REPLY) for each in quoted(text) if each in written] == []


def secrets(tmp_path):
    """One of every kind, in every spelling that somebody might write."""
    ring, token = new_key(), known_token(tmp_path / "metrics.token")
    vendor = api_key(OpenAI(api_key=API_KEY, base_url="https://api.example.com/v1"))
    store = KeyStore(tmp_path / "keys")
    store.keep(RingKey(ID, ring))
    encoded = base64.b64encode(ring).decode(), base64.urlsafe_b64encode(ring).decode()
    unknown = ["sk-proj-abcdefgh12345678", "Bearer abcdefgh12345678", os.urandom(32).hex()]
    return [vendor, token, ring.hex(), ring.hex().upper(), repr(ring), *encoded, *unknown]


@pytest.mark.parametrize("words", [False, True], ids=["figures", "words too"])
def test_no_secret_gets_into_the_log_by_any_way(tmp_path, words):
    kinds = secrets(tmp_path)
    with log.logged(words=words) as path:
        for secret in kinds:
            note_everywhere(secret)
            note_everywhere(f"it said {secret}, and more")

    written = path.read_text()
    spelled = [secret.rstrip("=") for secret in kinds]
    spelled += [json.dumps(secret)[1:-1] for secret in kinds]
    assert HIDDEN in written
    assert [secret for secret in spelled if secret in written] == []


def test_words_are_written_for_who_asks_for_that():
    with log.logged(words=True) as path:
        Seen(View()).turn(TurnRecord(1, transcript=SAID, reply=REPLY), "parrot")

    (line,) = lines(path)
    assert (line["transcript"], line["reply"]) == (SAID, REPLY)


async def test_to_ask_for_words_is_loud():
    view = Watching()
    settings = parse({"logs": {"words": True}}, "here")

    async with seen(settings, view):
        pass

    assert view.troubles[0].startswith(LOUD)


def test_a_turn_is_told_in_figures():
    record = TurnRecord(3, transcript=SAID, v2v_ms=412.5, waterfall={"asr": 40.0})
    with log.logged() as path:
        Seen(View()).turn(record, "local")

    (line,) = lines(path)
    assert (line["event"], line["turn"], line["v2v_ms"]) == ("turn", 3, 412.5)
    assert line["waterfall"] == {"asr": 40.0}
    assert line["transcript_characters"] == len(SAID)
    assert line["error"] is None
    assert line["at"].endswith("Z")


def test_a_turns_figures_name_no_field_with_words():
    record = TurnRecord(1, **dict.fromkeys(("input", "transcript", "reply", "heard"), SAID))

    assert SAID not in json.dumps(figures(record))


def test_a_link_is_told_when_it_comes_and_when_it_goes_however_it_goes():
    with log.logged() as path, pytest.raises(ValueError, match="gone"), log.linked("ring 7"):
        fails("gone")

    told = [(line["event"], line["ring"], line["up"]) for line in lines(path)]
    assert told == [("link", "ring-7", True), ("link", "ring-7", False)]


def test_what_stands_in_the_source_and_its_numbers_are_kept_of_a_note():
    with log.logged() as path:
        _note.info("the loop was late by %g, %g ms at %s", 1.5, 20, SAID)

    (line,) = lines(path)
    assert line["from"] == "mynah.somewhere"
    assert line["note"] == "the loop was late by %g, %g ms at %s"
    assert line["figures"] == [1.5, 20]


def test_where_something_failed_is_told_without_its_message():
    with log.logged() as path:
        try:
            fails(SAID)
        except ValueError:
            _note.exception("it failed")

    (line,) = lines(path)
    assert line["error"] == "ValueError"
    assert [place.split(":")[2] for place in line["where"]] == [
        "test_where_something_failed_is_told_without_its_message",
        "fails",
    ]


def test_nobody_else_can_read_the_log_and_it_stays_small(monkeypatch):
    monkeypatch.setattr(log, "MOST_BYTES", 2000)
    before = os.umask(0)
    try:
        with log.logged() as path:
            for number in range(200):
                log.event("counted", number=number)
    finally:
        os.umask(before)

    files = sorted(path.parent.iterdir())
    assert [each.name for each in files] == ["mynah.log", *(f"mynah.log.{n}" for n in range(1, 5))]
    assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert sum(each.stat().st_size for each in files) < 5 * 2100


def test_a_full_disk_costs_the_log_and_nothing_else(capsys):
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no disk that is always full")
    with log.logged() as path:
        path.unlink()
        path.symlink_to(full)
        log.event("counted", number=1)

    assert capsys.readouterr().err == ""


def test_nothing_of_it_gets_into_the_terminal(caplog):
    with log.logged(), caplog.at_level(logging.DEBUG):  # its handler is the root's
        log.event("during")
        _note.warning("during")
    _note.warning("after")

    assert [record.message for record in caplog.records] == ["after"]


def test_a_disk_that_is_too_slow_loses_lines_and_says_how_many():
    waiting = queue.Queue(3)
    handler, logger = log._Queued(waiting, words=False), logging.getLogger("mynah")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        for number in range(10):
            log.event("counted", number=number)
        kept = [json.loads(waiting.get().getMessage())["number"] for _ in range(3)]
        log.event("counted", number=10)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)

    assert kept == [0, 1, 2]
    assert json.loads(waiting.get().getMessage())["number"] == 10
    assert json.loads(waiting.get().getMessage())["lines"] == 7


def test_the_last_lines_are_kept_for_a_report():
    with log.logged():
        for number in range(100):
            log.event("counted", number=number)

    numbers = [json.loads(line)["number"] for line in log.recent()]
    assert numbers == list(range(50, 100))


def test_nothing_is_noted_of_what_goes_on_afterwards(tmp_path):
    with log.logged() as path:
        log.event("during")
    log.event("after")

    assert [line["event"] for line in lines(path)] == ["during"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("the companion said 'purple tractor'", "companion"),
        ("no words were heard", "unheard"),
        ("whisper ended with exit code -9", "worker"),
        ("a fault in the bridge: KeyError('x')", "fault"),
        ("the ring went out of reach; trying again in 1 s", "reach"),
        ("the ring refused us, the keys differ: pair it by cable", "refused"),
        ("something else altogether", OTHER),
        (SAID, OTHER),
    ],
)
def test_trouble_has_a_kind(text, told):
    assert kind_of(text) == told


def test_words_in_a_row_are_hidden_and_words_by_themselves_are_not():
    redaction = Redaction()
    redaction.said("The purple tractor is Anneliese's.")

    assert redaction.redacted("the PURPLE tractor, he said") == f"{HIDDEN}, he said"
    assert redaction.redacted("the tractor was purple") == "the tractor was purple"


def test_what_was_said_long_ago_is_forgotten():
    redaction = Redaction()
    for number in range(100):
        redaction.said(f"sentence number {number} of a hundred")

    assert len(redaction._runs) == 40
    assert redaction.redacted("sentence number 3 of") == "sentence number 3 of"


async def test_without_settings_there_is_a_log_and_no_port():
    async with seen(Settings(), View()) as view:
        view.trouble("the ring went out of reach")

    path = log.folder() / "mynah.log"
    assert [line["event"] for line in lines(path)] == ["began", "trouble", "ended"]
    assert lines(path)[1]["why"] == "the ring went out of reach"
