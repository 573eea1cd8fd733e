"""What a conversation is made of: ears, companion, voice and speaker, as the settings say."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeAlias

from mynah.acts.ring_acts import RingActs
from mynah.audio.speaker import Played, Speaker
from mynah.companions import Companion
from mynah.companions.base import Act, Reply, Said, Touch
from mynah.config import Settings
from mynah.errors import DeviceError, SoundCardError
from mynah.inbox.inboxes import Inboxes, inboxes_in, inboxes_in_memory
from mynah.link.client import RingClient, monotonic_ms
from mynah.link.faults_told import FaultsTold
from mynah.link.keys import data_folder
from mynah.link.place import Place
from mynah.link.ring_speaker import RingSpeaker
from mynah.needs import find_models
from mynah.occasions import Occasions, retrieved
from mynah.speech.asr import Transcriber, WhisperTranscriber
from mynah.speech.sizing import Pace
from mynah.speech.tts import PiperSynthesizer, Synthesizer
from mynah.speech.vad import SileroVad
from mynah.turn.delay import Profile
from mynah.turn.endpoint import Detector
from mynah.turn.patience import Patience
from mynah.turn.record import TurnRecord
from mynah_wire.uplink import SPEAKER, Ready

_logger = logging.getLogger(__name__)

ATTEMPTS: Final = 6
"""Each costs half a second of a core at most, and no turn needs more that looks like its end."""

BEGINS: Final = "companion"
"""Why it speaks: of itself."""

CANCEL_S: Final = 0.5
"""A companion that takes longer to be interrupted is told the rest when it has time."""

PAID_ATTEMPTS: Final = 1
"""Where each may cost money: one, kept for a pause that looks like the end."""

Listener: TypeAlias = Callable[[Played | SoundCardError], None]
"""Is told by a speaker of this computer how far a reply has sounded, or that it can't."""

OnTurn: TypeAlias = Callable[[TurnRecord], None]
Witness: TypeAlias = Callable[[Place, "Stages", OnTurn], tuple[Place, "Stages", OnTurn]]

OpenActs: TypeAlias = Callable[[RingClient], Callable[[Act], object]]
OpenSpeaker: TypeAlias = Callable[[RingClient, Listener], Speaker]


def speaker_of_ring(ring: RingClient, _listener: Listener) -> Speaker:
    """The ring's own; it tells in messages of its own."""
    return RingSpeaker(ring)


def acts_of_ring(ring: RingClient) -> Callable[[Act], object]:
    """The ring's own motor and light."""
    return RingActs(ring).play


def _always() -> bool:
    return True


def _nothing() -> None:
    pass


def _unseen(_ready: Ready) -> None:
    pass


@dataclass(slots=True)
class Stages:
    """What a conversation is made of."""

    transcriber: Transcriber
    companion: Companion
    synthesizer: Synthesizer
    new_detector: Callable[[], Detector] = SileroVad
    """Of speech; a fresh one for each stream."""
    open_speaker: OpenSpeaker = speaker_of_ring
    """Once for each connection, when the ring has told what it can do."""
    open_acts: OpenActs = acts_of_ring
    """What a companion does besides speaking; once for each connection as well."""
    volume: int | None = None
    """Of the ring's speaker, in percent; None leaves it as it is."""
    language: str = "en"
    """The wearer's, as Whisper names it, for what nobody has asked for."""
    hands_free: bool = False
    """A tap opens a conversation, not one turn."""
    captions: bool = False
    """Somebody watches: the words are shown while they are said, for a quarter of a core."""
    profile: Profile | None = Profile.BALANCED
    """How long a pause may be; None is the plain rule: 700 ms of silence end a turn."""
    attempts: int = ATTEMPTS
    """Answers begun ahead, before the wearer is known to be done, in one turn."""
    inboxes: Inboxes = field(default_factory=inboxes_in_memory)
    """Where what a ring said is kept until it was answered."""
    witness: "Witness | None" = None
    """Wraps what a conversation is made of, to record it (capture/recorder.py)."""
    occasions: Occasions = field(default_factory=lambda: Occasions(monotonic_ms))
    """What the companion has to say though nobody spoke."""
    on_ready: Callable[[Ready], None] = _unseen
    """Told what the ring can do, once for each connection."""
    on_begin: Callable[[], None] = _nothing
    """Told when the wearer begins to talk."""
    may_begin: Callable[[], bool] = _always
    """Whether the companion may speak of itself now."""
    on_touch: Callable[[Touch], None] | None = None
    """Whoever attends to touches without words ..."""
    touch_watchers: list[Callable[[Touch], object]] = field(default_factory=list)
    """... and who only wants to know of them."""
    pace: Pace = field(default_factory=Pace)
    """Learns how fast the voice is made."""
    faults: FaultsTold = field(default_factory=FaultsTold)
    """Of the rings themselves."""
    _telling: "set[asyncio.Future[None]]" = field(default_factory=set, init=False)
    patience: Patience = field(init=False)
    """Learns how this wearer talks, over all connections."""

    def __post_init__(self) -> None:
        self.patience = Patience(self.profile)
        self.companion.on_proactive(self.begin)

    def begin(self, reply: Reply) -> None:
        """Say this as soon as nobody has the floor, unless it is a time to be quiet."""
        if self.may_begin():
            self.occasions.put(BEGINS, Said("", self.language), reply)
        else:
            self._tell(reply.aclose())

    def touched(self, touch: Touch) -> None:
        """The ring was touched without a word: whoever attends decides, else the companion."""
        for watcher in self.touch_watchers:
            watcher(touch)
        if self.on_touch is not None:
            self.on_touch(touch)
        elif (reply := self.companion.notify(touch)) is not None:
            said = Said("", self.language, touch.line)
            self.occasions.put(touch.name, said, reply)

    @property
    def guesses(self) -> bool:
        """Whether a pause is worth a decode: for an answer, or for how long to wait."""
        return self.attempts > 0 or self.profile is not None

    async def start(self) -> None:
        """Load the models, all at once."""
        self.new_detector()  # so that the first tap need not wait for its imports
        await asyncio.gather(
            self.transcriber.start(), self.companion.start(), self.synthesizer.start()
        )

    def heard(self, said: Said, text: str, broken_off_ms: int | None) -> None:
        """A turn is over, and this of the reply was played, up to where it was `broken_off_ms`."""
        if broken_off_ms is None:
            self.companion.heard(said, text)
        else:
            self._tell(self._broken_off(said, text, broken_off_ms))

    async def settled(self) -> None:
        """Until the companion knows how much was heard of what it said last."""
        if self._telling:
            await asyncio.wait(self._telling, timeout=CANCEL_S)

    async def _broken_off(self, said: Said, text: str, heard_ms: int) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(CANCEL_S):
                await self.companion.cancel(text, heard_ms)
        self.companion.heard(said, text)

    def _tell(self, telling: Awaitable[None]) -> None:
        task = asyncio.ensure_future(telling)
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)
        task.add_done_callback(retrieved)

    async def stop(self) -> None:
        """Free everything."""
        await self.settled()
        await self.occasions.close()
        await self.transcriber.stop()
        await self.synthesizer.stop()
        try:
            await self.companion.close()
        except Exception as error:  # noqa: BLE001 - a stranger's code, and nobody needs it any more
            _logger.warning("the companion did not close: %r", error)
        self.inboxes.close()


def stages_of(settings: Settings) -> Stages:
    """The stages that the settings name, not started yet; missing models are found out here."""
    from mynah.at_home import open_home  # characters and memory, which benches do without
    from mynah.characters.voice import voiced

    settings = voiced(settings)
    models = find_models(settings)
    language = None if settings.hearing.language == "auto" else settings.hearing.language
    companion = open_home(settings)
    return Stages(
        WhisperTranscriber(models.hearing, language=language, smart_turn=models.turn_ends),
        companion,
        PiperSynthesizer(models.voice),
        open_speaker=partial(_chosen_speaker, settings),
        volume=settings.speaking.volume,
        language="en" if language is None else language,
        hands_free=settings.hands_free,
        profile=Profile(settings.turns.profile),
        attempts=_attempts(settings.turns.speculate, companion),
        inboxes=inboxes_in(data_folder() / "inbox"),
        faults=FaultsTold(data_folder()),
    )


def _attempts(speculate: str, companion: Companion) -> int:
    if speculate == "never" or companion.capabilities.memory == "server":
        return 0  # what a server is asked it remembers
    return ATTEMPTS if speculate == "always" or companion.free else PAID_ATTEMPTS


def _chosen_speaker(settings: Settings, ring: RingClient, listener: Listener) -> Speaker:
    """As `--speaker` says; `auto` is the ring's if it has one."""
    ready = ring.session.ready
    has_speaker = ready is not None and bool(ready.capabilities & SPEAKER)
    if settings.speaker == "computer" or (settings.speaker == "auto" and not has_speaker):
        from mynah.audio.computer_speaker import ComputerSpeaker  # PortAudio, for who needs it

        return ComputerSpeaker(listener, volume=settings.speaking.volume)
    if not has_speaker:
        raise DeviceError("this ring has no speaker: use --speaker computer")
    return RingSpeaker(ring)
