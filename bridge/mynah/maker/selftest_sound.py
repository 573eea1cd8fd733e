"""The microphone and the speaker under test; what the wearer says never leaves the ring."""

import asyncio
from typing import Final

import numpy as np

from mynah.audio import FULL_SCALE, SPEECH_HZ, Samples
from mynah.maker.selftest_board import BoardFile
from mynah.maker.selftest_report import Figure, Result
from mynah.maker.selftest_ring import Finding
from mynah.maker.selftest_tests import Bench, answered, failed, missing, not_asked, passed
from mynah_device.probing import TONE
from mynah_wire.downlink import Flush
from mynah_wire.uplink import DONE, MICROPHONE, SPEAKER, Cursor

TONE_HZ: Final = 1000
"""What the ring's test looks for."""

TONE_DBFS: Final = -15.0
"""Loud enough beside a fan, and no shock at the ear."""

LEAD_S: Final = 0.3
TONE_S: Final = 1.0
OPEN_S: Final = 0.3
"""Until the ring listens: a ring that speaks already does not begin."""

LISTEN_MS: Final = 3000
"""All of it, and what is on its way."""

FLAT_PERCENT: Final = 50
SILENT_DBFS: Final = -100.0
"""No microphone is so quiet: an INMP441's own noise is at -63 here, by its sheet."""

NOISY_DBFS: Final = -25.0
"""71 dB of sound for a microphone as the ring's are: no room is so loud, a loose wire is."""

OFFSET_PERCENT: Final = 10.0
RATE_PPM: Final = 5000
"""Half a percent: more is heard as another pitch, and is no crystal."""

VOICE_DB: Final = 12.0
"""Above the floor: a voice at arm's length has 20 and more."""

CLIPPED_PERCENT: Final = 1.0
TONE_DB: Final = 25.0
"""Above the rest at that pitch; by chance noise is 17."""

_ZEROS: Final = "0x00000000"
TONE_MS: Final = range(600, 1500)
_REPLY: Final = 0x5E1F
_OF_THE_SPEAKER: Final = "the ring's speaker"
_PLAYED_S: Final = 10.0


async def microphone(bench: Bench) -> Result:
    """In the quiet: level, offset, noise floor, clipping and the clock."""
    if not bench.board.has("MICROPHONE_SD") and not bench.can(MICROPHONE):
        return missing("microphone")
    seconds = bench.effort.listen_ms // 1000
    await bench.asked(f"Be quiet for {seconds} s: ready?")
    finding = await bench.ring.probe("microphone", bench.effort.listen_ms)
    if finding.missing:
        return missing("microphone")
    if not finding.passed:
        return failed("microphone", finding.reason, _wires(bench.board))
    return _judged(finding, bench.board)


def _judged(finding: Finding, board: BoardFile) -> Result:
    figures = _heard(finding)
    first = str(finding.values.get("slot", ""))
    if finding.number("flat_percent") >= FLAT_PERCENT:
        note, step = _flat(first, board)
        figures["slot"] = first
    elif finding.number("loudest_dbfs") <= SILENT_DBFS:
        # Slots whose lowest bits move are not alike; of those bits nothing is sent.
        note, step = _flat(_ZEROS, board)
    elif finding.number("floor_dbfs") > NOISY_DBFS:
        note = f"noise of {figures['floor_dbfs']} dBFS where it was quiet"
        step = f"is it loose, or its supply noisy? {_wires(board)}"
    elif abs(finding.number("offset_percent")) > OFFSET_PERCENT:
        note = f"an offset of {figures['offset_percent']} % of full scale"
        step = f"a bit may be shifted: {_wires(board)}"
    elif finding.number("lost_frames"):
        note = f"{figures['lost_frames']} frames were lost while nothing else was done"
        step = "this firmware is too slow on this chip: please report it with this page"
    elif abs(finding.number("rate_ppm")) > RATE_PPM:
        note = f"its clock is off by {figures['rate_ppm']} ppm"
        step = "the chip's I2S divider or its crystal is wrong: please report it with this page"
    else:
        return passed("microphone", figures)
    return failed("microphone", note, step, figures)


def _heard(finding: Finding) -> dict[str, Figure]:
    figures = {name: value for name, value in finding.values.items() if name != "slot"}
    figures["rate_hz"] = round(SPEECH_HZ * (1 + finding.number("rate_ppm") / 1e6), 2)
    return figures


def _flat(first: str, board: BoardFile) -> tuple[str, str]:
    """What it gives, and what to look at."""
    data, ground = board.pin("MICROPHONE_SD"), "is L/R tied to ground"
    if first == _ZEROS:
        step = f"{ground}, is SD on {data}, has VDD 3.3 V?"
        return "nothing but zeros", f"{step} {_wires(board)}"
    if first == "0xffffffff":
        return "nothing but ones", f"does SD on {data} hang on 3V3 or on nothing? {_wires(board)}"
    return f"always the same, {first}", f"{ground}? {_wires(board)}"


def _wires(board: BoardFile) -> str:
    clock, word, data = (board.pin(f"MICROPHONE_{name}") for name in ("SCK", "WS", "SD"))
    return f"the board's file wants SCK on {clock}, WS on {word}, SD on {data}"


async def voice(bench: Bench) -> Result:
    """With somebody speaking: how far above the noise, and whether it clips."""
    if not bench.can(MICROPHONE):
        return not_asked("voice", note="the ring runs without its microphone")
    seconds = bench.effort.listen_ms // 1000
    if not await bench.asked(f"Say something for {seconds} s, as you would talk to it: ready?"):
        return not_asked("voice")
    finding = await bench.ring.probe("microphone", bench.effort.listen_ms)
    if not finding.passed:
        return failed("voice", finding.reason or "the microphone gave nothing", _wires(bench.board))
    figures: dict[str, Figure] = {
        name: finding.values.get(name, 0)
        for name in ("level_dbfs", "floor_dbfs", "loudest_dbfs", "peak_dbfs", "clipped_percent")
    }
    above_db = finding.number("loudest_dbfs") - finding.number("floor_dbfs")
    figures["above_floor_db"] = round(above_db, 1)
    if above_db < VOICE_DB:
        step = "is its hole open, and does it face you? Then say it louder and try again"
        return failed("voice", f"a voice only {above_db:.0f} dB above the noise", step, figures)
    if finding.number("clipped_percent") > CLIPPED_PERCENT:
        note = f"{figures['clipped_percent']} % of the samples are clipped"
        return failed("voice", note, "hold it further from your mouth, and try again", figures)
    return passed("voice", figures)


async def speaker(bench: Bench) -> Result:
    """A tone through it, found by the microphone; by a person where those two take turns."""
    if not bench.can(SPEAKER):
        return failed("speaker", "the ring runs without it", _amplifier(bench.board))
    if bench.board.has("HALF_DUPLEX") or not bench.can(MICROPHONE):
        return await _listened_to(bench)
    listening = asyncio.create_task(bench.ring.probe("microphone", LISTEN_MS | TONE))
    await asyncio.sleep(OPEN_S)
    played = await _play(bench)
    finding = await listening
    if not finding.passed:
        return failed("speaker", finding.reason, _amplifier(bench.board))
    return await _found(bench, finding, played=played)


async def _found(bench: Bench, finding: Finding, *, played: bool) -> Result:
    names = ("tone_dbfs", "tone_floor_dbfs", "tone_ms", "tone_at_ms")
    figures = {name: finding.values.get(name, 0) for name in names}
    above_db = finding.number("tone_dbfs") - finding.number("tone_floor_dbfs")
    figures["tone_above_db"] = round(above_db, 1)
    if above_db >= TONE_DB and finding.number("tone_ms") in TONE_MS:
        return passed("speaker", figures)
    if not played:
        return _unplayed(bench, figures)
    if await bench.asked("Did you hear a tone?"):
        note = "you heard the tone, the ring's microphone did not"
        return failed("speaker", note, "is the microphone covered? Test it first", figures)
    note = f"the microphone hears no tone ({above_db:.0f} dB above the rest)"
    return failed("speaker", note, _amplifier(bench.board), figures)


def _unplayed(bench: Bench, figures: dict[str, Figure]) -> Result:
    told = [line for line in bench.ring.faults if line.startswith(_OF_THE_SPEAKER)]
    if told:
        said = told[-1].rpartition(": ")[0]  # without its own advice, which knows no pins
        return failed("speaker", said, _amplifier(bench.board), figures)
    step = "`mynah logs` may say why; please report it with this page"
    return failed("speaker", "the ring did not play the tone to its end", step, figures)


async def _listened_to(bench: Bench) -> Result:
    if bench.ask is None:
        shared = bench.board.has("HALF_DUPLEX")
        why = "it can't hear while it speaks" if shared else "there is no microphone"
        return not_asked("speaker", note=f"{why}: only a person can tell")
    if not await _play(bench):
        return _unplayed(bench, {})
    answer = await bench.asked("Did you hear a tone of one second?")
    return answered("speaker", "you heard no tone", _amplifier(bench.board), answer=answer)


async def _play(bench: Bench) -> bool:
    """Whether the ring says that it was played to its end."""
    downlink = bench.ring.client.session.downlink
    done = bench.ring.expect(Cursor, lambda cursor: cursor.reply == _REPLY and cursor.state >= DONE)
    downlink.begin(_REPLY)
    downlink.push(_REPLY, tone())
    downlink.finish(_REPLY)
    downlink.go(_REPLY)
    bench.ring.client.wake()
    cursor = await bench.ring.came(done, _PLAYED_S)
    if cursor is not None and cursor.state == DONE:
        return True
    bench.ring.client.tell(Flush(_REPLY))  # or what comes next would find it speaking
    return False


def tone() -> Samples:
    """Silence, then a second of 1 kHz that fades in and out."""
    times = np.arange(round(TONE_S * SPEECH_HZ)) / SPEECH_HZ
    peak = FULL_SCALE * 10 ** (TONE_DBFS / 20) * np.sqrt(2)
    fade = np.minimum(1.0, np.minimum(times, TONE_S - times) / 0.02)
    sound = peak * fade * np.sin(2 * np.pi * TONE_HZ * times)
    lead = np.zeros(round(LEAD_S * SPEECH_HZ), np.int16)
    return np.concatenate([lead, np.rint(sound).astype(np.int16)])


def _amplifier(board: BoardFile) -> str:
    clock, word, data = (board.pin(f"SPEAKER_{name}") for name in ("SCK", "WS", "SD"))
    step = f"is its supply there, and BCLK on {clock}, LRC on {word}, DIN on {data}?"
    if board.has("SPEAKER_ENABLE"):
        return f"{step} Is its SD on {board.pin('SPEAKER_ENABLE')}?"
    return step
