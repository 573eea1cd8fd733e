"""Opens a microphone's I2S, then a speaker's with each id, on pins of its own and on the same."""

from machine import I2S, Pin


def opened(bus, mode, clock):
    """What came of it."""
    try:
        return I2S(
            bus,
            sck=Pin(clock),
            ws=Pin(clock + 1),
            sd=Pin(clock + 2),
            mode=mode,
            bits=16,
            format=I2S.MONO,
            rate=16000,
            ibuf=4096,
        )
    except ValueError as error:
        return error


first = opened(0, I2S.RX, 4)
print("another id:", opened(1, I2S.TX, 15))
again = opened(0, I2S.TX, 4)
try:
    first.readinto(bytearray(2))
except OSError as error:
    print("the first one:", error)
print("the same wires:", opened(1, I2S.RX, 4))
