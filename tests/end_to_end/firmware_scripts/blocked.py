"""The ring's firmware, any task of which can be blocked: a file `block` in its flash says how.

Which there are stands in a file `tasks`.

NAME spin   from its next step on the task never yields
NAME wait   from its next step on it waits for what never comes
NAME fail   its next step raises
"""

import asyncio
import os

import app
from mynah_parts.microphone import Microphone
from mynah_parts.supervisor import Supervisor

LOOK_MS = 50
names = ["microphone", "supervisor"]
blocked = {}


def driven(name, coroutine):
    """The same coroutine, which can be blocked between two of its steps."""
    step, value = coroutine.send, None
    while True:
        way = blocked.get(name)
        while way == "spin":
            pass
        if way == "fail":
            del blocked[name]
            raise OSError(5)
        if way == "wait":
            yield from asyncio.Event().wait()
        try:
            step(value)
        except StopIteration:
            return
        step, value = coroutine.send, None
        try:
            yield
        except BaseException as error:  # a cancellation is for the task
            step, value = coroutine.throw, error


class Blockable:
    """A part, as the supervisor knows it."""

    def __init__(self, name, part):
        self.heart, self.poke = part.heart, part.poke
        self._name, self._part = name, part

    def run(self):
        return driven(self._name, self._part.run())


look_after, run, hear = Supervisor.look_after, Supervisor.run, Microphone.run


def look_after_blockable(supervisor, name, part):
    names.append(name)
    look_after(supervisor, name, Blockable(name, part))


def run_blockable(supervisor):
    with open("tasks", "w") as file:
        file.write(" ".join(names))
    asyncio.create_task(watch())
    return driven("supervisor", run(supervisor))


def hear_blockable(microphone, stream, on_started):
    return driven("microphone", hear(microphone, stream, on_started))


async def watch():
    while True:
        try:
            with open("block") as file:
                name, way = file.read().split()
            os.remove("block")
            blocked[name] = way
            print(f"blocked: {name} {way}")
        except (OSError, ValueError):
            pass
        await asyncio.sleep_ms(LOOK_MS)


Supervisor.look_after = look_after_blockable
Supervisor.run = run_blockable
Microphone.run = hear_blockable
app.main()
