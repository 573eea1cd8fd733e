"""How full a lithium cell is, from its voltage; when it is low, and when the ring must rest."""

# Of a cell at rest, 1S: the table that hobby shops hand around (Ampow's "LiPo voltage chart"), from
# memory. A ring draws 0.05 to 0.3 C, which costs some 30 mV more: a percentage is good to 10.
CURVE = (
    (4200, 100),
    (4150, 95),
    (4110, 90),
    (4080, 85),
    (4020, 80),
    (3980, 75),
    (3950, 70),
    (3910, 65),
    (3870, 60),
    (3850, 55),
    (3840, 50),
    (3820, 45),
    (3800, 40),
    (3790, 35),
    (3770, 30),
    (3750, 25),
    (3730, 20),
    (3710, 15),
    (3690, 10),
    (3610, 5),
    (3300, 0),
)
UNKNOWN = 255  # percent
NO_CELL_MV = 2500  # below it no cell is there: a protected one is cut off sooner
LOW_PERCENT = 10
LOW_OVER_PERCENT = 15
# Below it little is left and its voltage falls fast; the regulator needs some of it for 3.3 V, and
# a cell that is emptied to 3.0 V ages.
EMPTY_MV = 3300
EMPTY_OVER_MV = 3500
EMPTY_LOOKS = 3  # in a row: the radio's 300 mA make a small cell sag for a moment
NO_CELL_LOOKS = 3  # outweigh an empty one: a cell that is cut off now and then is empty, not absent
RISE_MV = 60  # above the lowest: no rest brings back so much, so it is being charged
FALL_MV = 25  # below the highest: it no longer is
STEP_PERCENT = 2  # a change by less is not told
_SMOOTHING = 3  # a look counts by an eighth


class Charge:
    """Look after look, some seconds apart."""

    def __init__(self) -> None:
        self.millivolts = 0
        self.percent = UNKNOWN
        self.charging = False
        self.low = False  # time to charge it
        self.empty = False  # time to sleep
        self._smooth = 0  # eighths of a millivolt
        self._lowest_mv = 0  # since it was charged
        self._highest_mv = 0  # since it is
        self._emptiness = 0  # empty looks, each as heavy as NO_CELL_LOOKS without a cell
        self._told: "tuple[int, bool]" = (-STEP_PERCENT, False)

    def look(self, millivolts: int) -> bool:
        """A look at the cell: whether there is something to tell."""
        if millivolts < NO_CELL_MV:
            self._no_cell()
        else:
            self._smoothen(millivolts)
            self._compare()
            self._judge(millivolts)
        return self._is_news()

    @property
    def told(self) -> "tuple[int, int, int]":
        """What BATTERY says."""
        return self.millivolts, self.percent, int(self.charging)  # MicroPython: no bool is an int

    def _no_cell(self) -> None:
        self.percent, self.charging = UNKNOWN, False
        self.millivolts = self._smooth = 0
        self._emptiness = max(0, self._emptiness - 1)
        self.low = self.empty = False

    def _smoothen(self, millivolts: int) -> None:
        if not self._smooth:
            self._smooth = millivolts << _SMOOTHING
            self._lowest_mv = self._highest_mv = millivolts
        self._smooth += millivolts - (self._smooth >> _SMOOTHING)
        self.millivolts = self._smooth >> _SMOOTHING

    def _compare(self) -> None:
        """Is it being charged? No pin says so: it is if the voltage climbs."""
        self._lowest_mv = min(self._lowest_mv, self.millivolts)
        self._highest_mv = max(self._highest_mv, self.millivolts)
        if not self.charging and self.millivolts >= self._lowest_mv + RISE_MV:
            self.charging = True
            self._highest_mv = self.millivolts
        elif self.charging and self.millivolts <= self._highest_mv - FALL_MV:
            self.charging = False
            self._lowest_mv = self.millivolts

    def _judge(self, millivolts: int) -> None:
        percent = percent_of(self.millivolts)
        if self.percent == UNKNOWN:
            self.percent = percent
        # It goes one way: what a rest brings back is gone at the next word.
        elif self.charging:
            self.percent = max(self.percent, percent)
        else:
            self.percent = min(self.percent, percent)
        self.low = self.percent <= (LOW_OVER_PERCENT if self.low else LOW_PERCENT)
        self._emptiness = self._emptiness + NO_CELL_LOOKS if millivolts <= EMPTY_MV else 0
        if self.empty:
            self.empty = min(millivolts, self.millivolts) < EMPTY_OVER_MV
        else:
            self.empty = self._emptiness >= EMPTY_LOOKS * NO_CELL_LOOKS

    def _is_news(self) -> bool:
        percent, charging = self._told
        # At the end of the scale each percent counts.
        step = 1 if self.low or not self.percent else STEP_PERCENT
        if abs(self.percent - percent) < step and self.charging == charging:
            return False
        self._told = (self.percent, self.charging)
        return True


def percent_of(millivolts: int) -> int:
    """How full a cell at rest is."""
    above_mv, above = CURVE[0]
    if millivolts >= above_mv:
        return above
    for mv, percent in CURVE[1:]:
        if millivolts >= mv:
            return percent + (above - percent) * (millivolts - mv) // (above_mv - mv)
        above_mv, above = mv, percent
    return 0
