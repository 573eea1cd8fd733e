"""An ES8311 codec: one microphone and one speaker behind one I2S, which take turns.

It answers at 0x18, or at 0x19 with CE high.

It has no clock of its own here: the stock I2S gives no MCLK, so it multiplies the bit clock to 256
times the sample rate, by another factor for each way. Registers by the makers' own driver
(espressif/esp-adf, es8311.c); not measured on hardware.
"""

from micropython import const

from .bus import Bus, BusPart

_RESET = const(0x00)
_CLOCKS = const(0x01)
_MULTIPLIER = const(0x02)
_TO_SPEAKER = const(0x09)  # the format of what comes in
_FROM_MICROPHONE = const(0x0A)  # and of what goes out
_IDENTITY = const(0xFD)

_ID = const(0x83)
_POWERED = const(0x80)
_CLOCKS_ON = const(0xBF)  # all of them, from SCLK
# MicroPython sends 16 bits twice, 32 times the rate, and hears 2 slots of 32 bits, 64 times.
_BY_8 = const(0x18)
_BY_4 = const(0x10)
_16_BITS = const(0x0C)
_32_BITS = const(0x10)

_SET_UP = (
    (0x44, 0x08),  # less noise on the bus; the maker writes it twice, since the first may be lost
    (0x44, 0x08),
    (0x03, 0x10),  # oversampling of the ADC
    (0x04, 0x10),  # and of the DAC
    (0x05, 0x00),  # dividers of both: 1
    (0x0B, 0x00),
    (0x0C, 0x00),
    (0x10, 0x1F),  # the analog parts' currents
    (0x11, 0x7F),
    (_RESET, _POWERED),  # and a slave of our clocks
    (_CLOCKS, _CLOCKS_ON),
    (_MULTIPLIER, _BY_8),
    (_TO_SPEAKER, _16_BITS),
    (_FROM_MICROPHONE, _32_BITS),
    (0x13, 0x10),  # the output drives a headphone, or an amplifier
    (0x1B, 0x0A),  # the ADC's high pass, against an offset
    (0x1C, 0x6A),
    (0x0E, 0x02),  # the ADC on
    (0x12, 0x00),  # the DAC on
    (0x14, 0x1A),  # the analog microphone, 30 dB louder
    (0x0D, 0x01),  # the analog parts on
    (0x15, 0x40),  # volumes move in ramps
    (0x16, 0x20),  # no more gain: ours takes the place of the maker's 24 dB
    (0x17, 0xBF),  # the ADC's volume, 0 dB
    (0x31, 0x00),  # not mute
    (0x32, 0xBF),  # the DAC's volume, 0 dB
    (0x37, 0x48),
    (0x45, 0x00),
)


class Es8311:
    """Tell it which way the I2S goes next; PartError if it does not answer."""

    def __init__(self, bus: Bus, address: int) -> None:
        """PartError if it is not there, or is another part."""
        self._part = BusPart(bus, "codec", address)
        self._part.identify(_IDENTITY, (_ID,))
        self._set_up()

    def listen(self) -> None:
        """The I2S is about to take what the microphone says."""
        self._turn(_BY_4)

    def speak(self) -> None:
        """The I2S is about to give what the speaker is to say."""
        self._turn(_BY_8)

    def _turn(self, multiplier: int) -> None:
        if self._part.get(_CLOCKS) != _CLOCKS_ON:  # it lost its power
            self._set_up()
        self._part.set(_MULTIPLIER, multiplier)

    def _set_up(self) -> None:
        for register, value in _SET_UP:
            self._part.set(register, value)
