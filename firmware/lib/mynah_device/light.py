"""What the light says: one state, one colour, one rhythm.

The open microphone overrides everything, and no message can turn that off.
"""

# state: (red, green, blue of 255; period ms; lit ms of it). Colours by convention: red hears,
# blue thinks, green speaks, amber asks for help.
RHYTHMS = {
    "hearing": ((255, 0, 0), 1000, 1000),
    "speaking": ((0, 255, 60), 1000, 1000),
    "thinking": ((0, 60, 255), 600, 300),
    "trouble": ((255, 120, 0), 400, 200),
    "searching": ((0, 60, 255), 3000, 60),
    "idle": ((0, 255, 60), 5000, 30),
}
GLOW = "glow"  # what somebody asked for, see glow.py
DARK = (0, 0, 0)


def state(hearing: bool, speaking: bool, proven: bool, mood: str, glows: bool = False) -> str:
    """The one state that the light shows."""
    if hearing:
        return "hearing"
    if glows:
        return GLOW
    if not proven:
        return "trouble" if mood == "trouble" else "searching"
    if mood == "trouble":
        return mood
    if speaking:
        return "speaking"
    return mood


def colour(name: str, since_ms: int, brightness: int) -> "tuple[int, int, int]":
    """Red, green and blue, `since_ms` after the state began, at `brightness` percent."""
    (red, green, blue), period_ms, lit_ms = RHYTHMS[name]
    if since_ms % period_ms >= lit_ms:
        return DARK
    return red * brightness // 100, green * brightness // 100, blue * brightness // 100


def next_change_ms(name: str, since_ms: int) -> int:
    """Milliseconds until `colour` changes by itself; 0 if it never does."""
    _, period_ms, lit_ms = RHYTHMS[name]
    if lit_ms >= period_ms:
        return 0
    phase_ms = since_ms % period_ms
    return lit_ms - phase_ms if phase_ms < lit_ms else period_ms - phase_ms
