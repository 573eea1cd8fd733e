import numpy as np
import pytest

from mynah.errors import UserError
from mynah.reliability.agenda import Agenda
from mynah.reliability.census import census
from mynah.reliability.invariants import STUCK_ROUNDS, Watch
from mynah.reliability.ledger import Ledger, ViolationError
from mynah.reliability.numbered import CODEC, Numbered
from mynah.reliability.tones import LARGEST, chord, number_of
from mynah_wire.adpcm import decode_frame, encode_frame, new_state

BOOT = 7
VOICE = Numbered()


def said(frames=3, *, cancelled=False):
    ledger = Ledger(VOICE)
    spoken = ledger.opened((BOOT, 1))
    spoken.frames, spoken.cancelled = frames, cancelled
    ledger.is_over(spoken)
    return ledger


def frames(*places, number=0):
    return {place: VOICE.frame(number, place) for place in places}


def test_what_came_once_and_whole_is_no_violation():
    ledger = said()
    ledger.delivered((BOOT, 1), frames(0, 1, 2), 3)
    ledger.close()

    assert ledger.figures()["arrived"] == 1


def test_a_frame_that_was_lost_on_the_air_may_be_missing():
    ledger = said()
    ledger.lost_on_air = 1
    ledger.delivered((BOOT, 1), frames(0, 2), 3)

    assert ledger.figures()["missing_frames"] == 1


def test_a_frame_that_nobody_lost_may_not_be_missing():
    with pytest.raises(ViolationError, match="misses 1 of 3 frames, and 0 were lost"):
        said().delivered((BOOT, 1), frames(0, 2), 3)


def test_what_the_ring_told_of_may_be_missing():
    ledger = said()
    ledger.delivered((BOOT, 1), frames(0), 3, dropped=2)
    ledger.close()


def test_what_broke_off_with_its_reason_arrived_in_part():
    ledger = said()
    ledger.delivered((BOOT, 1), frames(0), 1, partly="power")
    ledger.close()

    assert ledger.reasons() == {"power (partly)": 1}


def test_a_host_that_died_before_it_noted_may_answer_once_more_and_no_more():
    ledger = said()
    ledger.delivered((BOOT, 1), frames(0, 1, 2), 3)
    ledger.killed()
    ledger.delivered((BOOT, 1), frames(0, 1, 2), 3)
    with pytest.raises(ViolationError, match="had come, and came again"):
        ledger.delivered((BOOT, 1), frames(0, 1, 2), 3)

    assert ledger.figures()["again"] == 1


def test_what_was_reported_with_its_reason_is_no_violation():
    ledger = said()
    ledger.reported((BOOT, 1), "no place was left")
    ledger.close()

    assert ledger.reasons() == {"no place was left": 1}


def test_what_the_ring_still_has_is_not_told_lost_and_not_told_in_part():
    whole, part = said(), said()
    for ledger in (whole, part):
        ledger.has = lambda name: name == (BOOT, 1)

    with pytest.raises(ViolationError, match="the link was lost, and the ring has it"):
        whole.reported((BOOT, 1), "the link was lost")
    with pytest.raises(ViolationError, match="the link was lost, and the ring has it"):
        part.delivered((BOOT, 1), frames(0, 1), 2, partly="the link was lost")


def test_what_was_cancelled_is_not_waited_for_and_may_not_come():
    ledger = said(cancelled=True)
    ledger.close()

    assert (ledger.figures()["utterances"], ledger.figures()["cancelled"]) == (0, 1)
    with pytest.raises(ViolationError, match="was cancelled, and came"):
        ledger.delivered((BOOT, 1), frames(0, 1, 2), 3)


def test_a_host_that_the_link_kept_from_knowing_may_tell_a_cancelled_one_with_its_reason():
    came, nothing = said(cancelled=True), said(cancelled=True)
    came.delivered((BOOT, 1), frames(0), 1, partly="the link was lost")
    nothing.reported((BOOT, 1), "the link was lost")

    for ledger in (came, nothing):
        assert (ledger.figures()["cancelled_told"], ledger.figures()["arrived"]) == (1, 0)
        assert ledger.reasons() == {}


def test_what_was_said_and_never_came_is_lost_silently():
    with pytest.raises(ViolationError, match="lost silently"):
        said().close()


@pytest.mark.parametrize(
    ("came", "what"),
    [
        (frames(0, 1, 2, number=5), "came as frame 0 of utterance 5"),
        ({0: bytes(CODEC.frame_bytes - 1) + b"\1"}, "came as nothing that was said"),
        (frames(0, 1, 2) | {2: VOICE.frame(0, 1)}, "frame 2 of utterance 0 came as frame 1"),
    ],
)
def test_anything_else_than_what_was_said_is_a_violation(came, what):
    with pytest.raises(ViolationError, match=what):
        said().delivered((BOOT, 1), came, 3)


def test_longer_than_it_was_said_is_a_violation():
    with pytest.raises(ViolationError, match="4 frames, said were 3"):
        said().delivered((BOOT, 1), frames(0, 1, 2), 4)


@pytest.mark.parametrize(
    "again",
    [
        lambda ledger: ledger.delivered((BOOT, 1), frames(0, 1, 2), 3),
        lambda ledger: ledger.reported((BOOT, 1), "power"),
        lambda ledger: ledger.delivered((BOOT, 2), frames(0, 1, 2), 3),
        lambda ledger: ledger.opened((BOOT, 1)),
    ],
    ids=["delivered twice", "lost after it came", "never said", "a name twice"],
)
def test_nothing_comes_twice_or_from_nowhere(again):
    ledger = said()
    ledger.delivered((BOOT, 1), frames(0, 1, 2), 3)
    with pytest.raises(ViolationError):
        again(ledger)


def test_what_was_told_lost_may_not_come():
    ledger = said()
    ledger.reported((BOOT, 1), "power")
    with pytest.raises(ViolationError, match=r"was told lost \(power\), and came again"):
        ledger.delivered((BOOT, 1), frames(0, 1, 2), 3)


def test_a_deadline_that_is_never_met_is_a_violation():
    watch = Watch()
    for _ in range(STUCK_ROUNDS + 1):
        watch.moves(10.0)
    with pytest.raises(ViolationError, match="time stands still at 10 ms"):
        watch.moves(10.0)


def test_what_grows_beyond_its_bound_is_a_violation():
    class Hoard:
        def holds(self):
            return {"files": (3, 2)}

    with pytest.raises(ViolationError, match="3 files, at most 2"):
        Watch(Hoard()).look()


def test_deeds_come_in_the_order_of_their_moments():
    agenda, done = Agenda(), []
    for moment, name in ((2.0, "c"), (1.0, "a"), (1.0, "b")):
        agenda.at(moment, lambda name=name: done.append(name))
    while (deed := agenda.take(1.5)) is not None:
        deed()

    assert (done, agenda.due_ms) == (["a", "b"], 2.0)


async def test_a_census_sees_this_process():
    found = census()

    assert found.bridge_kib > 1000
    assert found.tasks >= 1
    assert found.files >= found.sockets


@pytest.mark.parametrize("number", [0, 1, 1365, 2730, LARGEST])
def test_a_chord_is_known_again_after_the_codec(number):
    sound = np.concatenate([np.zeros(640, np.int16), chord(number, 4000), np.zeros(800, np.int16)])
    heard, state = bytearray(), new_state()
    for begin in range(0, len(sound) - 319, 320):
        data, pcm = bytearray(CODEC.frame_bytes), bytearray(CODEC.pcm_bytes)
        encode_frame(sound[begin : begin + 320].tobytes(), data, 0, state)
        decode_frame(data, 0, pcm, 0)
        heard += pcm

    assert number_of(np.frombuffer(bytes(heard), np.int16)) == number


def test_noise_is_no_number():
    noise = np.random.default_rng(1).normal(0, 3000, 8000).astype(np.int16)

    assert number_of(noise) is None


def test_a_number_that_no_chord_has_is_refused():
    with pytest.raises(ValueError, match="not 4096"):
        chord(LARGEST + 1, 100)


def test_a_result_that_is_none_is_named(tmp_path):
    from mynah.reliability.results import read

    (tmp_path / "chaos.json").write_text("{}")
    with pytest.raises(UserError, match=r"chaos.json.*take it again"):
        read(tmp_path)
