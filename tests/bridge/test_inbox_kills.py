"""The host killed at every boundary of an utterance, what was not synced is gone: no word is."""

import pytest

from mynah.inbox.fake_disk import FakeDisk, KilledError
from mynah.inbox.inbox import Inbox
from mynah.inbox.journal import Journal
from mynah.inbox.key import Key
from mynah.inbox.letter import REASONS
from mynah.inbox.records import Ending
from mynah.inbox.wants import Lost, Told
from mynah_wire import uplink
from mynah_wire.clock import PERIOD_MS
from mynah_wire.codecs import IMA_ADPCM
from mynah_wire.downlink import Fetch, Kept
from tests.bridge.inbox_model import DEVICE, HELD_MS, Host, frame

FRAMES = 30
KEY = Key(DEVICE, 1, 1)


def live(host):
    host.connect()
    host.air += host.ring.press()
    for _ in range(FRAMES):
        host.air += host.ring.speak()
    host.air += host.ring.release()


def said_away(host):
    host.ring.press()
    for _ in range(FRAMES):
        host.ring.speak()
    host.ring.release()
    host.connect()
    host.pass_on()


def past(host):
    said_away(host)
    host.air += host.ring.past(2 * FRAMES)


def answered(host, say):
    say(host)
    host.pass_on()
    host.answer()


class Counts:
    """The changes to the disk; at one of them the power goes."""

    def __init__(self, last=None):
        self.changes = 0
        self._last = last

    def __call__(self, what, name):
        self.changes += 1
        if self.changes == self._last:
            raise KilledError


def went_well(host):
    host.settle()
    assert host.lost == {}
    assert (host.told[KEY] == 1) or KEY in host.unsure
    if KEY in host.contents:
        assert host.contents[KEY] == {at: frame(1, at) for at in range(FRAMES)}


@pytest.mark.parametrize("say", [live, past])
def test_killed_after_any_message_nothing_is_lost_or_answered_twice(say):
    boundaries = FRAMES + (2 if say is live else 1)
    for arrived in range(boundaries + 1):
        host = Host()
        say(host)
        host.air = host.air[:arrived]
        host.pass_on()
        host.kill()
        went_well(host)
        assert host.told[KEY] == 1


@pytest.mark.parametrize("say", [live, past])
def test_killed_before_any_change_to_the_disk_nothing_is_lost_or_answered_twice(say):
    whole = Host()
    whole.disk.before = counts = Counts()
    answered(whole, say)
    assert counts.changes > FRAMES

    for last in range(1, counts.changes + 1):
        for seed in range(3):
            host = Host(FakeDisk(seed=seed))
            host.disk.before = Counts(last)
            with pytest.raises(KilledError):
                answered(host, say)
            host.kill()
            went_well(host)


def connected(host=None):
    host = host or Host()
    host.connect()
    return host


def test_what_was_told_stays_told_though_the_ring_did_not_hear_so():
    host = connected()
    host.ring.deaf = True
    live(host)
    host.pass_on()
    host.answer()
    host.kill()
    went_well(host)

    assert host.told == {KEY: 1}


def test_what_the_ring_no_longer_has_is_told_as_far_as_it_came_and_why():
    host = connected()
    live(host)
    host.air.pop()  # END
    host.pass_on()
    host.cut()
    host.ring.stored.clear()  # the battery was empty
    host.ring.boot += 1
    host.connect()
    host.pass_on()

    assert host.waiting == [KEY]
    assert "power" in host.inbox.letters.get(KEY).reason
    assert len(host.contents[KEY]) == FRAMES


def test_while_what_the_ring_told_was_lost_it_is_waited_for_and_not_for_ever():
    host = connected()
    live(host)
    host.air.pop()  # END
    host.pass_on()
    host.cut()
    host.connect()
    host.pass_on(lambda: True)
    assert host.waiting == []
    host.air += host.ring.held()
    host.pass_on()
    assert host.ring.fetch is not None

    host.cut()
    host.ring.stored.clear()
    host.connect()
    host.missed = True
    for _ in range(4):
        assert host.waiting == []
        host.wait(HELD_MS)
    assert host.waiting == [KEY]


def test_a_syllable_that_the_ring_no_longer_has_is_told_lost():
    host = connected()
    host.air += host.ring.press() + host.ring.speak()
    host.pass_on()
    host.cut()
    host.ring.release()
    host.ring.stored.clear()
    host.connect()
    host.pass_on()

    assert host.lost[KEY].endswith("the ring has nothing of it")
    assert len(host.inbox.letters) == 0
    assert host.disk.names() == ["journal"]


@pytest.mark.parametrize(
    ("verdict", "why"), [(uplink.CROWDED, "place"), (uplink.POWERLESS, "power")]
)
def test_what_the_ring_lost_is_told_with_its_reason_and_forgotten(verdict, why):
    host = connected()
    host.ring.stored[1, 1] = 0
    host.handle(uplink.Held(1, 1, IMA_ADPCM, verdict, 0, 0))

    assert why in host.lost[KEY]
    assert host.ring.stored == {}


def test_a_full_disk_leaves_it_with_the_ring_until_there_is_room():
    host = connected(Host(FakeDisk(room_bytes=1000)))
    past(host)
    host.pass_on()
    assert (1, 1) in host.ring.stored
    host.wait(HELD_MS)
    assert (1, 1) in host.ring.stored

    went_well(host)
    assert host.told == {KEY: 1}


def test_what_a_turn_has_in_hand_is_not_given_to_another_though_the_disk_refused_it_twice():
    host = connected()
    host.disk.room_bytes = 0
    live(host)
    for _ in range(8):
        host.pass_on()
        host.wait(HELD_MS)
        if host.ring.fetch is not None:
            host.air += host.ring.past(2 * FRAMES)  # the disk refuses it once more
            host.pass_on()
            host.disk.room_bytes = 1 << 30
    assert host.inbox.letters.is_safe(KEY)

    assert host.waiting == [KEY]


def test_what_a_turn_has_in_hand_is_not_told_lost_though_the_ring_has_no_place_left_for_it():
    host = connected()
    host.disk.room_bytes = 0
    live(host)
    host.pass_on()
    for _ in range(4):  # until the disk would be tried again, and after that
        host.wait(HELD_MS)
        host.handle(uplink.Held(KEY.boot_id, KEY.stream, IMA_ADPCM, uplink.CROWDED, FRAMES, 0))
    assert host.lost == {}
    host.answer()

    assert host.told[KEY] == 1
    assert host.inbox.letters.is_over(KEY)


def test_what_was_answered_from_memory_is_not_answered_again_once_there_is_room():
    host = Host(FakeDisk(room_bytes=0))
    live(host)
    host.pass_on()
    assert host.waiting == [KEY]
    host.answer()
    went_well(host)

    assert (host.told, host.contents) == ({KEY: 1}, {})


def test_what_was_said_in_parts_comes_again_from_the_part_that_was_not_answered():
    host = connected()
    live(host)
    host.pass_on()
    host.handle(Told(KEY, 20))
    host.kill()
    host.settle()

    assert sorted(host.contents[KEY]) == list(range(20, FRAMES))


def test_an_end_that_was_lost_is_found_in_held_and_the_turn_goes_on():
    host = connected()
    live(host)
    host.air.pop()
    host.pass_on()
    assert host.waiting == []
    host.ring.live = None
    host.wait(HELD_MS)

    assert host.waiting == [KEY]
    assert host.ring.stored == {}


def test_who_still_speaks_when_the_ring_is_back_is_heard_from_the_beginning_as_if_live():
    host = connected()
    host.air += host.ring.press()
    for _ in range(10):
        host.air += host.ring.speak()
    host.pass_on()
    host.cut()
    for _ in range(10):
        host.ring.speak()
    heard = []
    hear, host._hear = host._hear, lambda message: (heard.append(message), hear(message))
    host.connect()
    host.pass_on()
    host.air += host.ring.past(100)
    host.pass_on()
    host.ring.speak()
    host.ring.release()
    host.air += host.ring.past(100)
    host.pass_on()

    _, start, *audio, end = heard
    assert isinstance(start, uplink.Start)
    assert [each.frame for each in audio] == list(range(21))
    assert (end.frames, host.waiting) == (21, [KEY])


def test_frames_lost_on_the_air_are_fetched_again_and_those_lost_by_the_ring_are_not():
    asked = []
    host = Host()
    past(host)
    hear, host.ring.hear = host.ring.hear, lambda message: (asked.append(message), hear(message))
    del host.air[5:8]
    host.pass_on()
    again = next(each for each in asked if isinstance(each, Fetch))
    host.air += host.ring.past(100)
    del host.air[:-1]  # all but PASTEND: nothing new comes
    host.pass_on()

    assert again.frame == 5
    assert Kept(1, 1) in asked
    assert len([each for each in asked if isinstance(each, Fetch)]) == 1


def fetched(host, pieces, dropped):
    """The ring sends these frames of what is fetched, and says how many of the others it lost."""
    fetch, _ = host.ring.fetch
    host.ring.fetch = None
    host.air += [uplink.Past(fetch.token, at, frame(fetch.stream, at)) for at in pieces]
    host.air.append(uplink.PastEnd(fetch.token, uplink.SAID, FRAMES, dropped))
    host.pass_on()


def test_what_the_ring_lost_of_it_is_known_though_a_later_fetch_does_not_tell():
    host = Host()
    said_away(host)

    fetched(host, range(5, FRAMES - 1), dropped=5)  # the last one is lost on the air
    assert host.ring.fetch is not None
    fetched(host, [FRAMES - 1], dropped=0)

    (letter,) = host.inbox.letters
    assert host.files.read(letter.key).ending == Ending(uplink.SAID, FRAMES, 5)


def test_of_which_the_ring_lost_all_there_was_no_place_for():
    host = Host()
    said_away(host)

    fetched(host, [], dropped=FRAMES)

    assert list(host.lost.values()) == [REASONS[uplink.CROWDED]]


def test_a_fetch_that_is_not_answered_is_asked_again():
    host = Host()
    past(host)
    host.air.clear()
    host.ring.fetch = None
    host.wait(2 * HELD_MS)
    assert host.ring.fetch is not None
    went_well(host)


def test_what_the_ring_does_not_give_lets_others_pass():
    host = Host()
    for _ in range(2):
        host.ring.press()
        host.ring.speak()
        host.ring.release()
    host.connect()
    host.pass_on()
    assert host.ring.fetch[0].stream == 1
    host.ring.fetch = None
    host.wait(HELD_MS)

    assert host.ring.fetch[0].stream == 2


def test_a_connection_that_ends_gives_back_what_was_in_hand():
    host = Host()
    past(host)
    host.pass_on()
    assert host.waiting == [KEY]
    host.cut()
    host.handle(Lost())
    went_well(host)

    assert host.told == {KEY: 1}


@pytest.mark.parametrize(
    ("device_ms", "said_s"),
    [(400_000, 900), (500_100, 1000), ((500_000 - 7 * 86_400_000) % PERIOD_MS, None)],
)
def test_when_it_was_said_is_known_for_six_days(device_ms, said_s):
    inbox = Inbox(DEVICE, 1_000_000.0, [], Journal())
    inbox.handle(uplink.Ready(bytes.fromhex(DEVICE), 1, 1, uplink.STORE, 2, 0, 500_000, b""), 0.0)
    inbox.handle(uplink.Held(1, 1, IMA_ADPCM, uplink.SAID, 5, device_ms), 0.0)
    inbox.handle(uplink.Held(2, 1, IMA_ADPCM, uplink.SAID, 5, device_ms), 0.0)

    assert inbox.letters.get(KEY).said_ms == (None if said_s is None else 1000.0 * said_s)
    assert inbox.letters.get(Key(DEVICE, 2, 1)).said_ms is None
