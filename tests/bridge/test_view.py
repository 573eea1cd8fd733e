import json

from mynah.cli.view import JsonView, TerminalView
from mynah.turn.record import TurnRecord

NOT_UTF8 = "caf\udce9.wav"  # how Python names a file in Latin-1


def test_a_name_that_is_not_utf8_leaves_valid_json(capsys):
    record = TurnRecord(1, input=NOT_UTF8, reply="Grüße", error="no such file")

    JsonView().turn(record, "parrot")

    line = capsys.readouterr().out
    assert json.loads(line) == record.as_json()
    assert "Grüße" in line.encode("utf-8").decode()


def test_what_a_stranger_wrote_moves_no_cursor(capsys):
    record = TurnRecord(1, input=NOT_UTF8, transcript="[b]Hi[/b]", error="\x1b[2Jout of credit")

    TerminalView().turn(record, "parrot")

    out = capsys.readouterr().out
    assert "[b]Hi[/b]" in out
    assert "[2Jout of credit" in out
    assert "\x1b" not in out
    assert out.encode("utf-8")


def test_what_is_told_moves_no_cursor_either(capsys):
    view = TerminalView()
    view.tell("[b]\x1b[2Jgood to know")
    view.trouble("[b]\x1b[2Jout of reach")

    out = capsys.readouterr().out
    assert out.splitlines() == ["[b] [2Jgood to know", "[b] [2Jout of reach"]


def test_trouble_spoils_no_json(capsys):
    JsonView().trouble("out of reach")

    told = capsys.readouterr()
    assert told.out == ""
    assert "out of reach" in told.err
