"""Everest ES8311: what its clocks and formats must be before it hears or speaks.

Registers as in espressif/esp-adf's driver. `hears` and `speaks` say whether it would, on an I2S of
so many bit clocks a sample: the stand-in for I2S asks.
"""

from models.part import Part

_RESET = 0x00
_CLOCKS = 0x01
_MULTIPLIER = 0x02
_TO_SPEAKER = 0x09
_FROM_MICROPHONE = 0x0A
_ANALOG = 0x0D
_ADC = 0x0E
_DAC = 0x12
_MICROPHONE = 0x14
_ADC_VOLUME = 0x17
_MUTES = 0x31
_DAC_VOLUME = 0x32
_ID_1 = 0xFD
_ID_2 = 0xFE
_POWERED = 0x80
_ADC_ON = 0x02
_DIFFERENTIAL = 0x10  # the analog microphone between its two pins
_ALL_CLOCKS = 0x3F
_FROM_SCLK = 0x80
_MUTED = 0x40
_DAC_MUTED = 0x60
_WORD_BITS = {0: 24, 1: 20, 2: 18, 3: 16, 4: 32}
_MASTER_CLOCKS = 256  # a sample, that its converters take at this oversampling


class Es8311(Part):
    """It is silent and deaf until all of it is switched on."""

    IDENTITY = (_ID_1, 0x83)
    RESET = (
        (_RESET, 0x1F),
        (0x03, 0x10),
        (0x04, 0x10),
        (_ANALOG, 0xFC),
        (_ADC, 0x6A),
        (_DAC, 0x02),
        (_ID_2, 0x11),
    )

    def write_register(self, register, value):
        if register < _ID_1:
            super().write_register(register, value)

    def hears(self, clocks_a_sample):
        """Whether the microphone's samples come out."""
        registers = self.registers
        format_ = registers[_FROM_MICROPHONE]
        return (
            self._runs(clocks_a_sample)
            and registers[_ADC] == _ADC_ON
            and registers[_MICROPHONE] & _DIFFERENTIAL != 0
            and registers[_ADC_VOLUME] > 0
            and not format_ & _MUTED
            and _WORD_BITS.get(format_ >> 2 & 7) == clocks_a_sample // 2
        )

    def speaks(self, clocks_a_sample):
        """Whether what comes in is heard."""
        registers = self.registers
        format_ = registers[_TO_SPEAKER]
        return (
            self._runs(clocks_a_sample)
            and registers[_DAC] == 0
            and registers[_DAC_VOLUME] > 0
            and not registers[_MUTES] & _DAC_MUTED
            and not format_ & _MUTED
            and _WORD_BITS.get(format_ >> 2 & 7) == clocks_a_sample // 2
        )

    def _runs(self, clocks_a_sample):
        registers = self.registers
        multiplier = 1 << (registers[_MULTIPLIER] >> 3 & 3)
        divider = (registers[_MULTIPLIER] >> 5) + 1
        return (
            registers[_RESET] & _POWERED != 0
            and registers[_CLOCKS] == _ALL_CLOCKS | _FROM_SCLK
            and registers[_ANALOG] == 0x01
            and clocks_a_sample * multiplier // divider == _MASTER_CLOCKS
        )


MODEL = Es8311
