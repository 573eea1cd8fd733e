"""The peers' policies, on pauses that are written down."""

import math

import pytest

from mynah.bench.evidence import Evidence, Pause
from mynah.bench.pauses import Kind
from mynah.bench.policies import ASR_MS, NEVER, OURS, POLICIES, SMART_TURN, Case, taken
from mynah.turn.delay import LEAST_MS, Habit
from mynah.turn.prosody import NEUTRAL

BY_NAME = {policy.name: policy for policy in POLICIES}
DONE_MS = 5000.0


def case(begin_ms=DONE_MS, end_ms=math.inf, *, text="It is late.", p=0.9, audio=None):
    return Case(Pause(begin_ms, end_ms, text, NEUTRAL, audio), p, Habit())


def turn(*cases):
    pauses = tuple(each.pause for each in cases)
    return Evidence("clip", "speaker", Kind.AS_RECORDED, DONE_MS, pauses), cases


def at(name, *cases, knob=None):
    policy = BY_NAME[name]
    return taken(turn(*cases), policy.rule, policy.own if knob is None else knob)


def late(name, *cases, knob=None):
    return at(name, *cases, knob=knob).late_ms


@pytest.mark.parametrize(
    ("name", "whole_ms"),
    [
        ("vad-500", 500),
        ("ha-700", 700 + ASR_MS),
        ("pipecat-200+600", 800),
        ("livekit-300/2500", 250 + ASR_MS),
        ("hf-64+800/2000", 864),
        ("kolja", 390),
    ],
)
def test_a_whole_sentence_is_taken_after_the_peers_own_wait(name, whole_ms):
    assert late(name, case()) == whole_ms


@pytest.mark.parametrize(
    ("name", "open_ms"), [("livekit-300/2500", 2500), ("hf-64+800/2000", 2064), ("kolja", 2300)]
)
def test_what_is_open_is_waited_for_as_the_peer_does(name, open_ms):
    assert late(name, case(text="It is...", p=0.1)) == open_ms


def test_smart_turn_decides_for_those_who_ask_it():
    over, not_over = case(p=0.1, audio=0.9), case(p=0.9, audio=0.1)

    assert late(SMART_TURN, over) == 200 + ASR_MS
    assert late(SMART_TURN, not_over) == 3200
    assert late("hf-64+800/2000", over) == 864
    assert late("hf-64+800/2000", not_over) == 2064


@pytest.mark.parametrize("policy", POLICIES, ids=lambda each: each.name)
def test_a_pause_longer_than_the_wait_cuts_the_wearer_off(policy):
    mid = case(1000, 4000, audio=0.9)

    cut_off = at(policy.name, mid, case(audio=0.9))

    assert cut_off.late_ms < 0
    assert cut_off.goes_on_after_ms == pytest.approx(4000 - DONE_MS - cut_off.late_ms)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda each: each.name)
def test_a_pause_shorter_than_the_wait_is_none(policy):
    mid, last = case(1000, 1190, audio=0.9), case(audio=0.9)

    assert late(policy.name, mid, last) == late(policy.name, last)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda each: each.name)
def test_nobody_takes_a_turn_without_words(policy):
    assert late(policy.name, case(1000, 4000, text="", audio=0.9), case(audio=0.9)) > 0
    assert at(policy.name, case(text="", audio=0.9)) == NEVER


@pytest.mark.parametrize("policy", POLICIES, ids=lambda each: each.name)
def test_nobody_answers_before_whisper_has(policy):
    assert late(policy.name, case(p=1.0, audio=1.0), knob=0.0) >= ASR_MS


@pytest.mark.parametrize("policy", POLICIES, ids=lambda each: each.name)
def test_the_knob_turned_up_never_waits_less(policy):
    cases = [case(p=0.6, audio=0.6)]
    waits_ms = [late(policy.name, *cases, knob=knob) for knob in policy.values]

    assert waits_ms == sorted(waits_ms)
    assert waits_ms[0] < waits_ms[-1]


def test_ours_is_a_curve_that_reaches_the_least():
    assert late(OURS, case(p=1.0), knob=BY_NAME[OURS].values[0]) == max(LEAST_MS, 64 + ASR_MS)
