"""The ring's pure core under MicroPython: a handshake, a hold, a reply, a stranger."""

from checks import error_of, run

from mynah_device import actions
from mynah_device.playback import FRAME_SAMPLES, Playback
from mynah_device.ring import Ring
from mynah_device.session import Identity
from mynah_device.settings import Settings
from mynah_parts.adpcm_viper import decode_frame
from mynah_parts.ccm import Ccm
from mynah_parts.samples_viper import ramp
from mynah_wire import uplink
from mynah_wire.channel import Channel
from mynah_wire.codecs import IMA_ADPCM
from mynah_wire.downlink import Finish, Go, Ping, Preload, Setting
from mynah_wire.errors import RefusedError
from mynah_wire.handshake import HOST

KEY = bytes(range(32))
FRAME = b"\x00\x20\x10" + bytes(range(160))
LATENCY_MS = 60


def connected(key=KEY):
    """A ring and a host's channel after the handshake."""
    identity = Identity(b"12345678", 7, b"a board", 15, Ccm, lambda size: bytes(range(size)))
    ring = Ring(identity, KEY, Settings({}), Playback(decode_frame, ramp))
    host = Channel(HOST, key, Ccm, bytes(16), 247)
    assert ring.handle(actions.TICK, 0)[0][0] == actions.ADVERTISE
    ring.handle(actions.CONNECTED, 1)
    ring.handle(actions.MTU, 1, 247)
    record = host.greet()
    while record:
        answers = ring.handle(actions.RECEIVED, 2, record)
        record = host.receive_plain(answers[0][1]) if answers else b""
    return ring, host


def told(ring, host):
    """All that the ring's sender would send, as the host understands it."""
    messages, record = [], bytearray(244)
    while True:
        length = ring.next_plaintext(record, 5)
        if length == 0:
            return messages
        messages.append(host.receive(record[: ring.session.channel.seal(record, length)]))


def say(ring, host, *messages):
    """What the host says, carried to the ring."""
    done = []
    for message in messages:
        for piece in host.pieces(message):
            done += ring.handle(actions.RECEIVED, 3, host.seal_piece(piece))
    return done


def check_the_ring_proves_itself_and_says_who_it_is():
    ring, host = connected()

    ready, counters = told(ring, host)

    assert ring.session.proven
    assert (ready.device_id, ready.board, ready.buffer_ms) == (b"12345678", b"a board", 2000)
    assert counters.mtu == 247


def check_a_hold_is_start_audio_and_end():
    ring, host = connected()
    told(ring, host)

    assert ring.handle(actions.PRESSED, 100) == [(actions.OPEN_MICROPHONE, None)]
    assert ring.light == "hearing"
    ring.handle(actions.MICROPHONE_STARTED, 101, 101)
    place = ring.said.place()
    ring.said.memory.buffer[place : place + 170] = b"\x21\x01\x00\x00\x00\x00\x00" + FRAME
    ring.said.commit()
    assert ring.handle(actions.RELEASED, 900) == [
        (actions.CLOSE_MICROPHONE, 900),
        (actions.WAKE_SPEAKER, None),
    ]
    ring.handle(actions.MICROPHONE_STOPPED, 910, (40, 0))
    heard = [each for each in told(ring, host) if not isinstance(each, uplink.Button)]

    assert heard[:1] == [uplink.Counters(0, 247, 0, 0, 0, 0, 0, 0)]
    assert heard[1:] == [
        uplink.Start(1, IMA_ADPCM, uplink.HOLD, 101),
        uplink.Audio(1, 0, FRAME),
        uplink.End(1, uplink.SAID, 40, 0, 900),
    ]


def check_a_reply_is_heard_and_told_of():
    ring, host = connected()
    audio = [uplink.Audio(1, number, FRAME) for number in range(5)]
    done = say(ring, host, Preload(1, IMA_ADPCM, 0), *audio, Finish(1, 5), Go(1))
    assert (actions.WAKE_SPEAKER, None) in done
    told(ring, host)
    pcm, loud, now_ms = bytearray(2 * FRAME_SAMPLES), 0, 0
    while ring.playback.active:
        ring.playback.take(pcm, LATENCY_MS)
        loud += pcm != bytes(len(pcm))
        now_ms += 20
        ring.played(now_ms + LATENCY_MS)

    cursors = [each for each in told(ring, host) if isinstance(each, uplink.Cursor)]
    assert loud == 5
    assert cursors == [
        uplink.Cursor(1, uplink.STARTED, 0, 60),
        uplink.Cursor(1, uplink.DONE, 1600, 160),
    ]


def check_a_ping_and_a_setting_are_obeyed():
    ring, host = connected()
    told(ring, host)

    done = say(ring, host, Ping(0xFFFFFFFF), Setting(1, 50))

    assert told(ring, host) == [uplink.Pong(0xFFFFFFFF, 3)]
    assert done == [(actions.SAVE, ("volume", 50))]


def check_a_stranger_is_refused_and_any_bytes_are_survived():
    error_of(RefusedError, connected, bytes(32))
    ring, host = connected()
    told(ring, host)
    for size in range(250):
        for first in (0x00, 0x01, 0x02, 0x03, 0x80, 0xBF, 0xC0):
            ring.handle(actions.RECEIVED, 5, bytes([first] * min(size, 1)) + bytes(size))

    say(ring, host, Ping(1))
    assert uplink.Pong(1, 3) in told(ring, host)


run(globals())
