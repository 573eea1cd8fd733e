"""Whoever sits at this computer, as the wearer of an emulated ring.

Keys press its button. While its microphone is open, and only then, this computer's is; what it
plays is heard from this computer's loudspeaker.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from mynah.config import Settings
from mynah.emulator.emulated import emulated
from mynah.emulator.live_microphone import LiveMicrophone
from mynah.emulator.loudspeaker import Loudspeaker
from mynah.emulator.trace import Event
from mynah.emulator.wearer import TAP_MS
from mynah.emulator.world import World
from mynah.errors import SoundCardError, one_line
from mynah.link.place import Place
from mynah.terminal.finger import Action, Press, Quit, Release, Tap
from mynah.terminal.shell import TerminalFinger
from mynah.turn.glimpse import Glimpse
from mynah.turn.machine import State
from mynah.view import View

LETTING_GO_MS: Final = 150
"""Sound is in the ring's world so long after it was made: a card's 20 to 80 ms, and 60 ahead of the
ring. Its button is let go of as much later, or the last syllable would be cut off."""

HEADPHONES: Final = "hands free, it hears itself from a loudspeaker: wear headphones"


class Person:
    """Outlives the rings that it wears, one after another."""

    def __init__(self, settings: Settings, view: View, name: str = "") -> None:
        """`name` is what the ring is called where there are several."""
        self._settings = settings
        self._name = name
        self._view = view
        self._finger: TerminalFinger | None = None
        self._leave: Callable[[], None] = lambda: None
        self._world: World | None = None
        self._microphone: LiveMicrophone | None = None
        self._loudspeaker: Loudspeaker | None = None
        self._speaks = False  # a reply sounds
        self._let_go_ms = 0.0  # ring time

    def begin(self, finger: TerminalFinger, leave: Callable[[], None]) -> None:
        """What touches the button, and what to do when the person has had enough."""
        self._finger, self._leave = finger, leave
        if self._settings.hands_free:
            self._view.tell(HEADPHONES)

    def act(self, action: Action) -> None:
        """The finger did something."""
        world = self._world
        if isinstance(action, Quit):
            self._leave()
        elif world is None:
            return  # there is no ring just now
        elif isinstance(action, Press) and self._settings.hands_free:
            self._tap(world)
        elif isinstance(action, Press):
            world.press(max(world.now_ms, self._let_go_ms))  # not before it was let go of
        elif isinstance(action, Release) and not self._settings.hands_free:
            self._let_go(world)
        elif isinstance(action, Tap) and self._speaks:
            self._tap(world)

    def look(self, glimpse: Glimpse) -> str:
        """How it stands; what to do now."""
        self._speaks = glimpse.state is State.SPEAKING
        if not (glimpse.can_hear or self._speaks):
            return "press space: this ring has no microphone, and only feels - q: leave"
        if self._settings.hands_free:
            opened = glimpse.hears_dbfs is not None
            how = "just talk - space: stop listening" if opened else "press space, then just talk"
            return f"{how} - q: leave"
        if self._speaks:
            return "space: interrupt - Esc: hush - q: leave"
        exact = self._finger is not None and self._finger.exact
        if glimpse.state is State.HEARING:
            return "let go when you are done" if exact else "let go, or press again, when done"
        how = "hold space and talk" if exact else "hold space and talk, or press, talk, press"
        return f"{how} - q: leave"

    @asynccontextmanager
    async def wear(self) -> AsyncIterator[Place]:
        """Put a ring on."""
        async with emulated(self._settings.link) as on:
            world = on.ring.world
            self._microphone = LiveMicrophone(world, self._trouble)
            on.ring.trace.listen(self._on_event)
            self._world, self._let_go_ms = world, 0.0
            try:
                async with self._sounding(world):
                    place = on.place(self.look)
                    yield replace(place, name=self._name) if self._name else place
            finally:
                self._world = None
                await self._microphone.close()

    @asynccontextmanager
    async def _sounding(self, world: World) -> AsyncIterator[None]:
        """With replies on the computer's own speaker, the ring's never sounds."""
        if self._settings.speaker == "computer":
            yield
            return
        async with Loudspeaker(world, self._trouble) as loudspeaker:
            self._loudspeaker = loudspeaker
            try:
                yield
            finally:
                self._loudspeaker = None

    def _let_go(self, world: World) -> None:
        late_ms = self._microphone.late_ms if self._microphone else 0.0
        self._let_go_ms = world.now_ms + LETTING_GO_MS + late_ms
        world.release(self._let_go_ms)

    def _tap(self, world: World) -> None:
        now_ms = world.now_ms
        world.press(now_ms)
        world.release(now_ms + TAP_MS)

    def _on_event(self, event: Event) -> None:
        """The ring's own word for whether it listens: not a guess from the keys."""
        if event["event"] == "microphone" and self._microphone is not None:
            if event["on"]:
                self._microphone.start()
            else:
                self._microphone.stop()
        if self._loudspeaker is not None:
            self._loudspeaker.heed(event)

    def _trouble(self, error: SoundCardError) -> None:
        self._view.trouble(one_line(error))
