import pytest

from mynah_device import actions, talk
from mynah_device.about import BUILD
from mynah_device.playback import IDLE, PREBUFFER_FRAMES
from mynah_device.replies import CREDIT_STEP_MS
from mynah_device.session import FORGED_LIMIT
from mynah_wire import downlink, uplink
from mynah_wire.codecs import IMA_ADPCM, bit
from mynah_wire.downlink import Duck, Finish, Flush, Go, Mood, Pause, Ping, Preload, Resume, Setting
from mynah_wire.uplink import Audio, Button, Counters, Credit, Cursor, End, Pong, Ready, Start
from tests.device.rings import FRAME, KEY, Host, Shell, connected


def of(kind, messages):
    return [message for message in messages if isinstance(message, kind)]


def reply(host, frames, *, number=1, sent_ms=0):
    """A reply of some frames, released."""
    audio = [Audio(number, frame, FRAME) for frame in range(frames)]
    heard = host.tell(Preload(number, IMA_ADPCM, sent_ms), *audio, Finish(number, frames))
    return heard + host.tell(Go(number))


def hold(shell, length_ms=1000):
    """Press, hear, release; the microphone then stops."""
    shell.event(actions.PRESSED)
    shell.microphone_starts()
    shell.microphone_hears(3)
    shell.now_ms += length_ms
    shell.event(actions.RELEASED)
    shell.microphone_stops(3)


def test_the_first_sealed_message_is_ready_and_says_who_the_ring_is():
    shell, host = connected()
    ready, counters = host.heard

    assert ready == Ready(
        b"12345678",
        7,
        BUILD,
        uplink.SPEAKER | uplink.MICROPHONE | uplink.BUTTON | uplink.LIGHT,
        bit(IMA_ADPCM),
        2000,
        0,
        b"a board",
    )
    assert counters == Counters(0, 247, 0, 0, 0, 0, 0, 0)
    assert shell.ring.light == "idle"


def test_a_hold_is_start_audio_and_end_in_this_order():
    shell, host = connected()
    hold(shell)

    heard = [message for message in host.listen() if isinstance(message, Start | Audio | End)]

    assert [type(message) for message in heard] == [Start, Audio, Audio, Audio, End]
    assert heard[0] == Start(1, IMA_ADPCM, uplink.HOLD, 0)
    assert heard[-1] == End(1, uplink.SAID, 3, 0, 1000)


def test_a_press_opens_the_microphone_and_its_light_at_once():
    shell, host = connected()

    assert shell.event(actions.PRESSED) == [actions.OPEN_MICROPHONE]
    assert shell.ring.light == "hearing"
    assert of(Button, host.listen()) == [Button(uplink.PRESS, 0)]


def test_a_tap_is_told_and_the_host_closes_it():
    shell, host = connected()
    shell.event(actions.PRESSED)
    shell.microphone_starts()
    shell.now_ms = 100
    shell.event(actions.RELEASED)
    assert of(Button, host.listen())[-1] == Button(uplink.TAP, 100)

    host.tell(downlink.Close(2))
    assert shell.ring.talk.state == talk.OPEN
    host.tell(downlink.Close(1))
    assert shell.done[-1] == (actions.CLOSE_MICROPHONE, 100)


def test_what_the_ring_itself_lost_of_a_stream_is_told_at_its_end():
    shell, host = connected()
    shell.event(actions.PRESSED)
    shell.microphone_starts()
    shell.microphone_hears(103)
    shell.now_ms = 2000
    shell.event(actions.RELEASED)
    shell.microphone_stops(frames=110, lost=7)
    heard = host.listen()

    assert of(End, heard) == [End(1, uplink.SAID, 110, 10, 2000)]
    assert of(Counters, heard)[-1].dropped == 3
    assert of(Counters, heard)[-1].overruns == 7


def test_a_microphone_that_fails_cuts_its_stream_and_the_next_press_works():
    shell, host = connected()
    shell.event(actions.PRESSED)
    shell.now_ms = 50
    shell.microphone_stops()

    assert of(End, host.listen()) == [End(1, uplink.CUT, 0, 0, 50)]
    assert shell.ring.light == "idle"
    shell.event(actions.RELEASED)
    hold(shell)
    assert of(End, host.listen())[-1].stream == 2


def test_a_reply_is_reported_with_the_moments_at_which_it_sounded():
    shell, host = connected()
    reply(host, 10)
    began_ms = shell.now_ms
    while shell.ring.playback.active:
        shell.speaks()
    started, playing, done = of(Cursor, host.listen())

    assert started == Cursor(1, uplink.STARTED, 0, began_ms + 60)
    assert playing == Cursor(1, uplink.PLAYING, 3200, began_ms + 260)
    assert done == Cursor(1, uplink.DONE, 3200, began_ms + 260)
    assert of(Counters, host.heard)[-1].underruns == 0


def test_credit_is_told_in_steps_and_comes_back_whole():
    shell, host = connected()
    reply(host, 100)
    while shell.ring.playback.active:
        shell.speaks()
    host.listen()
    told = [credit.until_ms for credit in of(Credit, host.heard)]

    assert told == list(range(2000 + CREDIT_STEP_MS, 4001, CREDIT_STEP_MS))


def test_credit_lost_with_a_reply_is_told_with_the_next():
    _, host = connected()
    host.tell(Preload(1, IMA_ADPCM, 0))

    assert of(Credit, host.tell(Preload(2, IMA_ADPCM, 2000))) == [Credit(4000)]


def test_the_last_word_of_a_replaced_reply_bears_its_own_name():
    shell, host = connected()
    reply(host, 50)
    shell.speaks()
    host.tell(Flush(1), Preload(2, IMA_ADPCM, 1000))
    shell.speaks()

    assert [(cursor.reply, cursor.state) for cursor in of(Cursor, host.listen())] == [
        (1, uplink.FLUSHED)
    ]


def test_pause_resume_duck_and_drop_reach_the_playback():
    shell, host = connected()
    reply(host, 90)
    shell.speaks()
    host.tell(Pause(1))
    shell.speaks()
    assert shell.speaks() == bytes(640)
    assert of(Cursor, host.listen())[-1].state == uplink.PAUSED
    host.tell(Resume(1), Duck(1))
    shell.speaks()
    assert shell.ring.playback._target < 256

    host.tell(Preload(2, IMA_ADPCM, 1800), downlink.Drop(2))
    assert shell.ring.playback.state == IDLE


def test_the_speaker_is_woken_while_the_reply_is_loaded_and_go_is_heard_with_its_next_frame():
    shell, host = connected()
    host.tell(Preload(1, IMA_ADPCM, 0))
    assert shell.done[-1] == (actions.WAKE_SPEAKER, None)
    host.tell(*[Audio(1, frame, FRAME) for frame in range(PREBUFFER_FRAMES)])
    assert [shell.speaks() for _ in range(9)] == [bytes(640)] * 9
    assert shell.ring.playback.active

    host.tell(Go(1))
    assert shell.speaks() != bytes(640)


def test_the_speaker_is_woken_by_the_frame_that_a_released_reply_waited_for():
    shell, host = connected()
    host.tell(Preload(1, IMA_ADPCM, 0), Go(1))
    host.tell(*[Audio(1, frame, FRAME) for frame in range(PREBUFFER_FRAMES - 1)])
    before = shell.done.count((actions.WAKE_SPEAKER, None))

    host.tell(*[Audio(1, PREBUFFER_FRAMES - 1 + frame, FRAME) for frame in range(3)])

    assert shell.done.count((actions.WAKE_SPEAKER, None)) == before + 1


def test_a_press_on_a_reply_that_does_not_sound_yet_wakes_the_speaker_to_tell():
    shell, host = connected()
    host.tell(Preload(1, IMA_ADPCM, 0), Go(1))
    before = shell.done.count((actions.WAKE_SPEAKER, None))

    shell.event(actions.PRESSED)

    assert shell.done.count((actions.WAKE_SPEAKER, None)) == before + 1


def test_a_ping_is_answered_with_the_rings_clock():
    shell, host = connected()
    shell.now_ms = 77

    assert host.tell(Ping(0xFFFFFFFF)) == [Pong(0xFFFFFFFF, 77)]


def test_a_setting_is_kept_and_heard():
    shell, host = connected()
    host.tell(Setting(downlink.VOLUME, 50), Setting(99, 1), Setting(downlink.VOLUME, 50))

    saved = [value for name, value in shell.done if name == actions.SAVE]
    assert saved == [("volume", 50)]
    assert shell.ring.playback._volume == 64


@pytest.mark.parametrize(
    ("mood", "shown"),
    [(downlink.THINKING, "thinking"), (downlink.TROUBLE, "trouble"), (0, "idle"), (99, "idle")],
)
def test_a_mood_is_shown_until_the_microphone_opens(mood, shown):
    shell, host = connected()
    host.tell(Mood(mood))
    assert shell.ring.light == shown

    shell.event(actions.PRESSED)
    assert shell.ring.light == "hearing"


def test_a_link_too_small_for_audio_shows_trouble_and_opens_nothing():
    shell, host = connected(mtu=100)

    assert shell.event(actions.PRESSED) == []
    assert shell.ring.light == "trouble"
    assert shell.event(actions.RELEASED) == []
    assert len(of(Button, host.listen())) == 2


def test_a_stream_tapped_open_before_a_small_link_came_can_still_be_closed():
    shell = Shell()
    shell.event(actions.PRESSED)
    shell.microphone_starts()
    shell.event(actions.RELEASED)
    assert shell.ring.talk.state == talk.OPEN
    shell.connect(mtu=100)
    Host(shell, mtu=100).shake_hands()

    assert shell.event(actions.PRESSED) == [actions.CLOSE_MICROPHONE]
    assert shell.event(actions.RELEASED) == []
    shell.microphone_stops()
    assert not shell.ring.talk.hears


def test_audio_from_before_waits_for_a_link_that_carries_it():
    shell = Shell()
    hold(shell)
    shell.connect(mtu=100)
    small = Host(shell, mtu=100).shake_hands()
    assert of(Audio, small.heard) == []
    assert [each.stream for each in of(uplink.Held, small.heard)] == [1]
    assert of(uplink.Past, small.tell(downlink.Fetch(5, 7, 1, 0))) == []
    shell.disconnect()
    shell.connect()
    host = Host(shell).shake_hands()

    past = host.tell(downlink.Fetch(6, 7, 1, 0))
    assert [type(each) for each in past] == [uplink.Past] * 3 + [uplink.PastEnd]


def test_what_was_said_to_an_owner_is_not_told_to_the_next():
    shell = Shell()
    hold(shell)
    shell.event(actions.PAIRED, bytes(32))
    shell.connect()
    host = Host(shell, key=bytes(32)).shake_hands()

    assert [type(message) for message in host.heard] == [Ready, Counters]


def test_news_for_one_connection_is_not_told_in_the_next():
    shell, host = connected()
    for piece in host.channel.pieces(Ping(5)):
        shell.event(actions.RECEIVED, host.channel.seal_piece(piece))
    shell.disconnect()
    shell.pass_time(0)
    shell.connect()

    assert of(Pong, Host(shell).shake_hands().heard) == []


def test_a_reply_falls_silent_when_its_host_goes():
    shell, host = connected()
    reply(host, 50)
    shell.speaks()
    shell.disconnect()
    shell.speaks()

    assert shell.speaks() == bytes(640)
    assert not shell.ring.playback.active
    assert shell.ring.light == "searching"


def test_a_host_that_takes_nothing_is_given_up():
    shell, host = connected()
    done = []
    for number in range(40):
        record = host.channel.seal_piece(host.channel.pieces(Ping(number))[0])
        done += shell.event(actions.RECEIVED, record)

    assert actions.DISCONNECT in done


@pytest.mark.parametrize("plaintext", [b"\x21", b"\x21\x01\x00\x00\x00\x00", b"\x12\x01", b"\x90"])
def test_a_hosts_malformed_message_is_counted(plaintext):
    shell, host = connected()
    shell.event(actions.RECEIVED, host.channel.seal_piece(plaintext))

    assert shell.ring.session.forged == 1
    assert host.tell(Ping(1)) == [Pong(1, 0)]


def test_a_host_that_sends_only_noise_is_dropped():
    shell, host = connected()
    done = []
    for _ in range(FORGED_LIMIT):
        done = shell.event(actions.RECEIVED, host.channel.seal_piece(b"\x12"))

    assert done == [actions.DISCONNECT]


@pytest.mark.parametrize("state", [89, 255])
def test_audio_with_a_state_that_no_codec_has_is_silence_and_stops_nothing(state):
    shell, host = connected()
    audio = Audio(1, 0, bytes([0, 0, state]) + bytes(160))
    host.tell(Preload(1, IMA_ADPCM, 0), audio, Finish(1, 1), Go(1))

    assert [shell.speaks() for _ in range(8)] == [bytes(640)] * 8
    assert not shell.ring.playback.active


def test_the_pace_of_one_connection_is_not_the_next_ones():
    shell, _ = connected()
    shell.event(actions.INTERVAL, 6)
    assert (shell.ring.session.interval, shell.ring.pacer.interval_ms) == (6, 7)
    shell.disconnect()
    shell.connect()

    assert (shell.ring.session.interval, shell.ring.pacer.interval_ms) == (0, 30)


def test_a_reply_waits_for_two_intervals_of_its_own_connection():
    shell, host = connected()
    shell.event(actions.INTERVAL, 48)  # 60 ms
    frames = [Audio(1, frame, FRAME) for frame in range(PREBUFFER_FRAMES)]
    host.tell(Preload(1, IMA_ADPCM, 0), *frames, Go(1))
    assert not shell.ring.playback.wanted
    shell.disconnect()
    shell.connect()

    assert shell.ring.playback._prebuffer == PREBUFFER_FRAMES


@pytest.mark.parametrize("interval", [0, 6, 24, 3200, 0xFFFF])
def test_any_interval_is_a_pace(interval):
    shell, _ = connected()
    shell.event(actions.INTERVAL, interval)

    assert shell.ring.pacer.interval_ms >= 1


def test_an_unknown_event_is_an_error():
    with pytest.raises(ValueError, match="unknown event jump"):
        Shell(KEY).event("jump")
