"""A plan of faults: what can be written, what is refused and how, and that a seed repeats it."""

from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynah.errors import UserError
from mynah.faults.amounts import Choice, Number, Span
from mynah.faults.kinds import KINDS, Unit
from mynah.faults.listing import listing, table
from mynah.faults.plan import Fault, Plan, Way, When, parse, read_plan
from mynah.faults.schedule import Counted, delaying, losing, schedule

STORY = "seed=7 drop=1% delay=80ms disconnect@frame=120 outage@4s=3s power_cut~write=40"


def amounts(amount):
    match amount:
        case None:
            return st.none()
        case Span():
            return st.floats(amount.least_ms, amount.most_ms).map(lambda ms: round(ms, 3))
        case Number(whole=True):
            return st.integers(int(amount.least), int(amount.most)).map(float)
        case Number():
            return st.floats(amount.least, amount.most).map(lambda number: round(number, 3))
        case Choice():
            return st.sampled_from(amount.words)


@st.composite
def faults(draw):
    name = draw(st.sampled_from(sorted(KINDS)))
    kind = KINDS[name]
    moments = [*kind.moments] + [None] * (kind.always is not None)
    unit = draw(st.sampled_from(moments))
    when = None
    if unit is Unit.TIME:
        when = When(unit, round(draw(st.floats(1, 1e7)), 3), draw(st.booleans()))
    elif unit is not None:
        when = When(unit, float(draw(st.integers(1, 10**9))), draw(st.booleans()))
    amount = draw(amounts(kind.always if when is None else kind.amount))
    way = draw(st.sampled_from(Way)) if kind.ways else Way.BOTH
    return Fault(name, amount, when, way)


unlike = st.lists(faults(), max_size=6, unique_by=lambda fault: (fault.name, fault.when))
plans = st.builds(lambda each, seed: Plan(tuple(each), seed), unlike, st.integers(0, 10**9))


@settings(max_examples=60)
@given(plans)
def test_what_a_plan_prints_is_read_as_the_same_plan(plan):
    assert parse(str(plan)) == plan


@settings(max_examples=60)
@given(st.text(alphabet="abdeimnoprstu~@=.%# \n0123456789", max_size=40) | st.text(max_size=20))
def test_whatever_is_written_is_a_plan_or_refused_in_one_line(text):
    told = ""
    try:
        plan = parse(text)
    except UserError as error:
        told, plan = str(error), Plan()

    assert told == "" or told.startswith("faults: ")
    assert "\n" not in told
    assert parse(str(plan)) == plan


@pytest.mark.parametrize("name", KINDS)
def test_the_example_of_each_fault_is_one_of_it_as_it_is_written(name):
    (fault,) = parse(KINDS[name].example).faults

    assert (fault.name, str(fault)) == (name, KINDS[name].example)


def test_a_plan_is_read_from_a_file_with_its_comments(tmp_path):
    file = tmp_path / "bad-day.txt"
    file.write_text("# a walk in the park\nseed=7 drop=1%\n\ndelay=80ms  # behind a tree\n")

    assert read_plan(str(file)) == parse("seed=7 drop=1% delay=80ms")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("dorp=1%", "word 1, 'dorp=1%': no fault is called 'dorp'; did you mean drop? there are"),
        ("seed=1\ndrop=1% mtu=9", "line 2, word 2, 'mtu=9': choose 23 to 517"),
        ("drop=200%", "choose 0.001% to 100%"),
        ("drop=1", "choose 0.001% to 100%"),
        ("drop", "how much? 0.001% to 100%, as in drop=1%"),
        ("disconnect", "it needs a moment, as in disconnect@frame=120"),
        ("disconnect@tree=1", "no moment is called 'tree'; there is a time or frame=N"),
        ("disconnect@write=1", "it can't be told by write; there is a time or"),
        ("disconnect@frame=0", "'0' is not a whole number from 1"),
        ("disconnect@4", "choose a time, as in 80ms"),
        ("disconnect@4s=2", "there is no more or less of it at a moment"),
        ("outage@4s", "how much? 1ms to 24h"),
        ("outage~0s=2s", "it would never end"),
        ("mtu=185.5", "choose 23 to 517"),
        ("clock_ppm@4s=1", "it holds all along"),
        ("companion=sad", "choose 500, slow, hang or garbage"),
        ("disconnect.up@4s", "it has no two ways"),
        ("drop.left=1%", "no way is called 'left'; there are up and down"),
        ("drop=1% drop.up=2%", "word 2, 'drop.up=2%': it is given twice: drop=1%"),
        ("seed=1 seed=2", "the seed is given twice"),
        ("seed=x", "'x' is not a whole number"),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_what_there_is(text, reason):
    with pytest.raises(UserError) as caught:
        parse(text)

    assert reason in str(caught.value)


@settings(max_examples=60)
@given(plans, st.sampled_from(Unit))
def test_the_same_seed_gives_the_same_events_in_order(plan, unit):
    first, second = (list(islice(schedule(plan, unit), 20)) for _ in range(2))

    assert first == second
    assert all(one.at <= other.at for one, other in pairwise(first))


def test_another_seed_gives_others_and_a_word_more_changes_none():
    def moments(text):
        events = schedule(parse(text))
        return [event.at for event in islice(events, 20) if event.fault.name == "disconnect"]

    assert moments("seed=1 disconnect~10s") != moments("seed=2 disconnect~10s")
    with_more = moments("seed=1 disconnect~10s outage~9s=1s")
    assert with_more == moments("seed=1 disconnect~10s")[: len(with_more)]


@pytest.mark.parametrize("moment", ["10s", "write=40"])
def test_what_comes_again_comes_as_often_as_was_asked(moment):
    plan = parse(f"power_cut~{moment}")
    mean = plan.faults[0].when.at
    events = list(islice(schedule(plan, plan.faults[0].when.unit), 2000))

    assert events[-1].at / len(events) == pytest.approx(mean, rel=0.1)
    assert all(one.at < other.at for one, other in pairwise(events))


def test_what_is_counted_happens_when_its_number_comes_and_once():
    due = Counted(parse("disconnect@frame=3 outage@frame=3=1s disconnect@frame=5"), Unit.FRAME)

    assert [[str(fault) for fault in due.one_more()] for _ in range(6)] == [
        [],
        [],
        ["disconnect@frame=3", "outage@frame=3=1s"],
        [],
        ["disconnect@frame=5"],
        [],
    ]
    assert due.due is None


def test_records_are_lost_each_way_as_was_asked():
    plan = parse("seed=3 drop.up=10% drop.down@record=2")
    up, down = losing(plan, Way.UP), losing(plan, Way.DOWN)

    assert sum(up(number) for number in range(5000)) == pytest.approx(500, rel=0.2)
    assert [down(number) for number in range(4)] == [False, True, False, False]


def test_records_are_late_each_way_as_was_asked():
    delay_ms = delaying(parse("delay.down=20ms delay@record=2=100ms"), Way.DOWN)

    assert [delay_ms(number) for number in range(3)] == [20, 120, 20]


def test_every_fault_and_moment_is_in_the_listing_and_in_the_table():
    for name in KINDS:
        assert KINDS[name].example in listing()
        assert f"| `{name}` |" in table()
    assert all(f"{unit}=N" in listing() for unit in Unit if unit is not Unit.TIME)
