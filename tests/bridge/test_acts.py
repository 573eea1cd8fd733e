import json
from pathlib import Path

import pytest

from mynah.acts.emotions import EMOTIONS, act_of, canonical
from mynah.acts.ring_acts import BURST, EVERY_MS, RingActs
from mynah.acts.vocabulary import NUMBER_OF, SLOT_OF, VOCABULARY
from mynah.companions.base import Act
from mynah_device.haptics import BUDGET_MS, LONGEST_MS, SHARE_PERCENT
from mynah_wire import downlink
from mynah_wire.downlink import Program, Reflex
from mynah_wire.message import encode
from mynah_wire.programs import BUILT_IN, LONGEST_BYTES, NO_PROGRAM, SLOTS, SQUEEZE, is_program
from mynah_wire.uplink import HAPTIC, LIGHT, SPEAKER, TAPPED
from tests.bridge.acting_ring import FakeRing
from tests.vectors.write_haptics import moved, sent

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "haptics.json").read_text(encoding="utf-8")
)
IDS = "tap double hug heartbeat breathe purr giggle shiver knock goodnight wake thinking listening"
SILLY_TAVERN = (
    "admiration amusement anger annoyance approval caring confusion curiosity desire "
    "disappointment disapproval disgust embarrassment excitement fear gratitude grief joy love "
    "nervousness optimism pride realization relief remorse sadness surprise neutral"
)
XIAOZHI = (
    "neutral happy laughing funny sad angry crying loving embarrassed surprised shocked thinking "
    "winking cool relaxed delicious kissy confident sleepy silly confused"
)
AIRI = "happy sad angry think surprised awkward question curious neutral"


class Clock:
    def __init__(self):
        self.now_ms = 0.0

    def __call__(self):
        return self.now_ms


def acts_of(capabilities=HAPTIC | LIGHT, **options):
    ring, clock = FakeRing(capabilities), Clock()
    return RingActs(ring, now_ms=clock, **options), ring, clock


def test_the_vocabulary_has_every_act_and_every_emotion():
    assert set(VOCABULARY) == {*IDS.split(), "ok", "no", "sos", *EMOTIONS}


def test_every_program_is_short_enough_for_one_write_and_for_the_rings_slots():
    programs = [move.program for move in VOCABULARY.values()]

    assert all(is_program(program) for program in programs)
    assert max(map(len, programs)) <= LONGEST_BYTES
    assert sorted(SLOT_OF.values()) == list(range(len(SLOT_OF)))
    assert len(SLOT_OF) <= SLOTS
    assert set(NUMBER_OF) == {program for program in programs if program}


@pytest.mark.parametrize("name", VOCABULARY)
def test_what_is_sent_and_what_a_ring_makes_of_it_is_as_in_the_vectors(name):
    messages = sent(name)

    assert [encode(message).hex() for message in messages] == VECTORS[name]["plaintexts"]
    assert moved(messages) == VECTORS[name]["motor"]


def test_good_night_is_slow_to_end_and_within_what_a_motor_may_do():
    move = VOCABULARY["goodnight"]
    steps = [(move.program[at], move.program[at + 1] * 10) for at in range(0, 8, 2)]
    once_ms = sum(span_ms for _, span_ms in steps)
    run = sum(amplitude * span_ms for amplitude, span_ms in steps) / 255 / once_ms

    assert run * max(move.pace) / 100 <= SHARE_PERCENT / 100
    assert once_ms * move.repeat * 100 / max(move.pace) > 300_000
    assert once_ms * move.repeat < LONGEST_MS
    assert once_ms * run < BUDGET_MS


@pytest.mark.parametrize("labels", [SILLY_TAVERN, XIAOZHI, AIRI], ids=["28", "21", "9"])
def test_every_label_of_every_backend_is_one_of_the_eight(labels):
    found = {label: canonical(label) for label in labels.split()}

    assert set(found.values()) <= set(EMOTIONS)


def test_each_of_the_eight_is_its_own():
    own = {"joy": "joy", "love": "love", "calm": "calm", "sad": "sad", "angry": "anger"}

    assert {name: canonical(label) for name, label in own.items()} == {name: name for name in own}
    assert [canonical(label) for label in ("Fear", " surprise ", "sleepy")] == [*EMOTIONS[-3:]]


@pytest.mark.parametrize(
    ("label", "name"),
    [("😊", "joy"), ("❤️", "love"), ("😡", "angry"), ("开心", "joy"), ("kissy", "love")],
)
def test_emoji_and_chinese_words_are_folded_too(label, name):
    assert act_of(label) == Act(name)


@pytest.mark.parametrize("label", ["neutral", "awkward", "bored", "no such thing", ""])
def test_what_shows_on_nobody_does_nothing(label):
    assert act_of(label) is None


def test_a_program_is_uploaded_once_and_only_if_the_ring_has_it_not_built_in():
    acts, ring, _ = acts_of()

    assert [acts.play(Act(name)) for name in ("hug", "heartbeat", "love")] == [True] * 3
    kinds = [type(message) for message in ring.told]
    assert kinds == [downlink.Act, Program, downlink.Act, downlink.Act]
    assert ring.told[0].program == SQUEEZE


def test_no_two_acts_in_a_row_have_one_token():
    acts, ring, _ = acts_of()
    for _ in range(3):
        acts.play(Act("hug"))

    assert [message.token for message in ring.told] == [1, 2, 3]


@pytest.mark.parametrize(
    ("capabilities", "program", "has_light"),
    [(HAPTIC, SQUEEZE, False), (LIGHT, NO_PROGRAM, True)],
    ids=["no light", "no motor"],
)
def test_what_a_ring_lacks_is_left_out(capabilities, program, has_light):
    acts, ring, _ = acts_of(capabilities)

    assert acts.play(Act("hug"))
    assert (ring.told[0].program, ring.told[0].light > 0) == (program, has_light)


@pytest.mark.parametrize("capabilities", [0, SPEAKER, None])
def test_a_ring_that_can_do_nothing_is_told_nothing(capabilities):
    acts, ring, _ = acts_of(capabilities)

    assert not acts.play(Act("hug"))
    assert not acts.teach(TAPPED, Act("hug"))
    acts.stop()
    assert ring.told == []


def test_an_unknown_act_is_none():
    acts, ring, _ = acts_of()

    assert not acts.play(Act("explode"))
    assert ring.told == []


@pytest.mark.parametrize(
    ("strength", "gain", "sent_gain"),
    [(100, 255, 255), (50, 255, 127), (100, 51, 51), (100, 9999, 255)],
)
def test_the_wearer_says_how_strong_and_no_companion_more(strength, gain, sent_gain):
    acts, ring, _ = acts_of(strength_percent=strength)
    acts.play(Act("hug", gain=gain))

    assert ring.told[0].gain == sent_gain | sent_gain << 8


def test_a_wearer_who_wants_no_motor_still_has_the_light():
    acts, ring, _ = acts_of(strength_percent=0)

    assert acts.play(Act("heartbeat"))
    assert [message.program for message in ring.told] == [NO_PROGRAM]


@pytest.mark.parametrize("repeat", [-5, 0, 1, 10**9])
def test_any_repeat_fits(repeat):
    acts, ring, _ = acts_of()
    acts.play(Act("hug", repeat=repeat))

    assert 1 <= ring.told[0].repeat <= 0xFFFF
    assert encode(ring.told[0])


def test_a_model_that_is_nothing_but_actions_is_slowed_down():
    acts, _, clock = acts_of()

    assert [acts.play(Act("hug")) for _ in range(BURST + 3)] == [True] * BURST + [False] * 3
    clock.now_ms = EVERY_MS
    assert [acts.play(Act("hug")) for _ in range(2)] == [True, False]


def test_stop_leaves_nothing_to_play_or_shine():
    acts, ring, _ = acts_of()
    acts.stop()

    assert ring.told == [downlink.Act(1, NO_PROGRAM, 1, 0, 0, 0, 0)]


def test_a_character_may_have_its_own_answer_to_a_touch():
    acts, ring, _ = acts_of()

    assert acts.teach(TAPPED, Act("purr"))
    program, reflex = ring.told
    assert isinstance(program, Program)
    assert isinstance(reflex, Reflex)
    assert (reflex.pattern, reflex.program) == (TAPPED, program.slot)
    assert set(BUILT_IN) & {program.slot} == set()
