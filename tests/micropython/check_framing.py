"""Frames on a byte stream meet their vectors, whole and byte by byte, under both interpreters."""

from checks import run, vectors

from mynah_wire.framing import Deframer, frame

VECTORS = vectors("framing")


def heard(pieces):
    """What a reader makes of a stream in these pieces, as the vectors tell it."""
    deframer, records, lines = Deframer(), [], []
    for piece in pieces:
        records += [record.hex() for record in deframer.feed(piece)]
        lines += deframer.take_lines()
    return {"records": records, "lines": lines, "dropped": deframer.dropped}


def expected(case):
    return {name: case[name] for name in ("records", "lines", "dropped")}


def check_every_record_is_framed_as_in_the_vectors():
    for case in VECTORS["frames"]:
        framed = frame(memoryview(bytes.fromhex(case["record"])))
        assert framed.hex() == case["frame"], case
        assert Deframer().feed(framed) == [bytes.fromhex(case["record"])], case


def check_every_stream_is_understood_as_in_the_vectors():
    for case in VECTORS["streams"]:
        assert heard([bytes.fromhex(case["stream"])]) == expected(case), case["name"]


def check_a_stream_means_the_same_byte_by_byte():
    for case in VECTORS["streams"]:
        stream = bytes.fromhex(case["stream"])
        assert heard([bytes([byte]) for byte in stream]) == expected(case), case["name"]


def check_noise_is_no_line_and_the_line_after_it_is_heard():
    deframer = Deframer()
    deframer.feed(b"\xff\xfe\nmynah id\n")
    assert deframer.take_lines() == ["mynah id"]
    assert deframer.dropped == 1


run(globals())
