"""A light that was asked for: a colour and what it does, for a while. The microphone's wins."""

from mynah_wire.downlink import BREATHE, EFFECT_BITS, FLICKER, PULSE, SOLID

EFFECTS = (SOLID, BREATHE, PULSE, FLICKER)
FULL = 256
BREATH_MS = 4000  # as somebody at rest
BREATH_STEP_MS = 50  # finer is not seen
# Darker than this is off: a plain lamp, which can only be on or off, then breathes too.
FAINTEST = 24
PULSE_MS = 500
LIT_MS = 250
FLICKER_MS = 60
FLICKERS = (256, 90, 200, 40, 230, 120, 256, 30, 170, 70, 210)


class Glow:
    """From when on, and until when."""

    def __init__(self, light: int, begun_ms: int, span_ms: int) -> None:
        """`light` is effect and colour, as on the wire."""
        effect = light >> EFFECT_BITS
        red, green, blue = light >> 16 & 0xFF, light >> 8 & 0xFF, light & 0xFF
        # Steady red is the open microphone's word: nobody else may say it.
        steady_red = effect == SOLID and red > green + blue
        self.effect = PULSE if steady_red else effect
        self.rgb = (red, green, blue)
        self.begun_ms = begun_ms
        self.span_ms = span_ms

    def colour(self, since_ms: int, brightness: int) -> "tuple[int, int, int]":
        """Red, green and blue, `since_ms` after it began, at `brightness` percent."""
        red, green, blue = self.rgb
        part = level(self.effect, since_ms) * brightness
        return red * part // (100 * FULL), green * part // (100 * FULL), blue * part // (100 * FULL)

    def next_change_ms(self, since_ms: int) -> int:
        """Milliseconds until `colour` may change by itself; 0 if it never does."""
        step_ms = {BREATHE: BREATH_STEP_MS, PULSE: LIT_MS, FLICKER: FLICKER_MS}.get(self.effect, 0)
        return step_ms - since_ms % step_ms if step_ms else 0


def glow_of(light: int, begun_ms: int, span_ms: int) -> "Glow | None":
    """A light as it is asked for on the wire; None if none is, or an effect of later times."""
    known = light >> EFFECT_BITS in EFFECTS
    return Glow(light, begun_ms, span_ms) if known and span_ms else None


def level(effect: int, since_ms: int) -> int:
    """How bright, of 256."""
    if effect == BREATHE:
        half = BREATH_MS // 2
        phase = since_ms // BREATH_STEP_MS * BREATH_STEP_MS % BREATH_MS
        rise = (phase if phase < half else BREATH_MS - phase) * FULL // half
        bright = rise * rise // FULL  # the eye takes the square for even
        return bright if bright >= FAINTEST else 0
    if effect == PULSE:
        return FULL if since_ms % PULSE_MS < LIT_MS else 0
    if effect == FLICKER:
        return FLICKERS[since_ms // FLICKER_MS % len(FLICKERS)]
    return FULL
