"""The names of what happens to the ring, and of what the ring wants done.

`handle(event, now_ms, value)` returns actions as (name, value) pairs. Audio passes beside them,
through Said.place(), Ring.next_plaintext() and Playback.take(): fifty frames a second must not make
fifty objects. So do the flash's jobs, which are asked for when there is time: flash_jobs.py.
"""

from mynah_wire.clock import elapsed_ms

# Events; the value, if there is one, in brackets.
CONNECTED = "connected"  # (True over the cable)
DISCONNECTED = "disconnected"
MTU = "mtu"  # (mtu)
INTERVAL = "interval"  # (connection interval in units of 1.25 ms)
RECEIVED = "received"  # (record)
PRESSED = "pressed"
RELEASED = "released"
MICROPHONE_STARTED = "microphone started"  # (ring clock at the first sample)
MICROPHONE_STOPPED = "microphone stopped"  # ((frames on the sample clock, frames lost)): always
PAIRED = "paired"  # (key)
FAULT = "fault"  # ((fault, text)): of a part, as in making.Fault
MOVED = "moved"  # (a pattern of uplink.Touch): what sensors felt
BATTERY = "battery"  # ((millivolts, percent, charging))
PROBED = "probed"  # ((token, verdict, values)): a test is over
UPDATED = "updated"  # ((token, state, offset, detail)): how an update goes
TICK = "tick"  # a deadline has come

# Actions.
ADVERTISE = "advertise"  # (payload)
SEND_PLAIN = "send plain"  # (record)
DISCONNECT = "disconnect"
OPEN_MICROPHONE = "open microphone"
CLOSE_MICROPHONE = "close microphone"  # (until: deliver what was heard before this moment)
WAKE_SPEAKER = "wake speaker"
SAVE = "save"  # ((name, value)): a number or bytes; empty ones are erased
FORGET = "forget"  # whatever was saved
VIBRATE = "vibrate"  # (amplitude of 255)
PROBE = "probe"  # ((token, name, argument)): test a part, then say PROBED
UPDATE = "update"  # (an Offer, a Block or an Install): obey it, then say UPDATED
SLEEP = "sleep"  # (None, or after how many milliseconds to wake)
CLOCK = "clock"  # (the processor's, Hz)


def earliest(moments_ms: "list[int | None]", now_ms: int) -> "int | None":
    """The first of some deadlines, None if there is none."""
    first = None
    for moment_ms in moments_ms:
        if moment_ms is None:
            continue
        if first is None or elapsed_ms(first, now_ms) > elapsed_ms(moment_ms, now_ms):
            first = moment_ms
    return first


def is_due(moment_ms: "int | None", now_ms: int) -> bool:
    """Whether a deadline has come."""
    return moment_ms is not None and elapsed_ms(now_ms, moment_ms) >= 0
