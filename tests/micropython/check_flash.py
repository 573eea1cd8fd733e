"""The flash part in a real folder: what it wrote is read again, torn, full or failing."""

import os
import sys
from binascii import hexlify

from checks import run


class Bluetooth:
    """The module: `radio` imports it, and nothing here uses it."""

    UUID = BLE = None


sys.path.append(".frozen")  # where this MicroPython keeps asyncio; MICROPYPATH replaced it
sys.modules["bluetooth"] = Bluetooth

import asyncio  # noqa: E402

from mynah_device import actions  # noqa: E402
from mynah_device.flash_jobs import DONE, REPLACE, Job  # noqa: E402
from mynah_device.memory import Memory  # noqa: E402
from mynah_device.playback import Playback  # noqa: E402
from mynah_device.ring import Ring  # noqa: E402
from mynah_device.session import Identity  # noqa: E402
from mynah_device.settings import Settings  # noqa: E402
from mynah_parts import flash as flash_module  # noqa: E402
from mynah_parts.adpcm_viper import decode_frame  # noqa: E402
from mynah_parts.ccm import Ccm  # noqa: E402
from mynah_parts.copy_viper import copy_bytes  # noqa: E402
from mynah_parts.flash import FOLDER, Flash  # noqa: E402
from mynah_parts.samples_viper import ramp  # noqa: E402
from mynah_parts.sender import Sender  # noqa: E402
from mynah_wire.channel import Channel  # noqa: E402
from mynah_wire.downlink import Fetch, Kept  # noqa: E402
from mynah_wire.handshake import HOST  # noqa: E402
from mynah_wire.uplink import CROWDED, OPEN, POWERLESS, SAID, Past, PastEnd  # noqa: E402

KEY = bytes(range(32))
FRAMES = 50
NO_SPACE = 28


def new_folder():
    """The chip's own file system is empty."""
    name = "/tmp/mynah-flash-" + hexlify(os.urandom(8)).decode()
    os.mkdir(name)
    os.chdir(name)
    return name


def remove(folder):
    for name in os.listdir(folder + "/" + FOLDER):
        os.remove(folder + "/" + FOLDER + "/" + name)
    os.rmdir(folder + "/" + FOLDER)
    os.rmdir(folder)


class Chip:
    """A ring that has just booted on what is in its flash."""

    def __init__(self, boot_id):
        identity = Identity(b"12345678", boot_id, b"a board", 15, Ccm, os.urandom)
        memory = Memory(200, copy_bytes)
        playback = Playback(decode_frame, ramp)
        self.ring = Ring(identity, KEY, Settings({}), playback, memory, 100_000)
        self.flash = Flash(self.ring)
        self.flash.restore()
        self.said = self.ring.said

    def work(self):
        """All that there is to do; the kinds of the jobs."""
        kinds = []
        while True:
            job = self.ring.flash_job()
            if job is None:
                return kinds
            kinds.append(job.kind)
            self.ring.flash_done(self.flash.do(job), 5)

    def says(self, frames=FRAMES):
        """An utterance away from the host."""
        self.ring.handle(actions.PRESSED, 0)
        self.ring.handle(actions.MICROPHONE_STARTED, 0, 0)
        self.work()
        for number in range(frames):
            place = self.said.place()
            for at in range(170):
                self.said.memory.buffer[place + at] = (number + at) & 0xFF
            self.said.memory.buffer[place + 3 : place + 7] = bytes((number, 0, 0, 0))
            self.said.commit()
        self.ring.handle(actions.RELEASED, 1000)
        self.ring.handle(actions.MICROPHONE_STOPPED, 1000, (frames, 0))

    def fetched(self, boot_id, stream=1):
        """The plaintexts that a FETCH gives."""
        self.said.fetch(Fetch(5, boot_id, stream, 0))
        plaintexts, record = [], bytearray(244)
        while self.said.fetching.active:
            length = self.said.past(record, 0)
            if length:
                plaintexts.append(bytes(record[4 : 4 + length]))
            else:
                self.work()
        return plaintexts

    @property
    def verdicts(self):
        return [each.verdict for each in self.said.held.all]


def in_a_folder(check):
    """The check, in an empty folder that is gone afterwards."""
    before, folder = os.getcwd(), new_folder()
    try:
        check()
    finally:
        os.chdir(before)
        remove(folder)


def check_what_was_written_is_there_after_a_boot_and_gone_when_it_is_kept():
    def check():
        chip = Chip(1)
        chip.says()
        assert chip.work() == ["write"] * 8 + ["commit"]
        again = Chip(2)
        past = again.fetched(1)
        assert again.verdicts == [SAID]
        assert len(past) == FRAMES + 1
        for number in range(FRAMES):
            expected = bytes([(number + at) & 0xFF for at in range(7, 170)])
            assert past[number] == b"\x26\x05\x00" + bytes((number, 0, 0, 0)) + expected
        again.said.kept(Kept(1, 1))
        assert again.work() == ["remove"]
        assert os.listdir(FOLDER) == []

    in_a_folder(check)


class Link:
    """A radio that takes everything, and the host at its other end."""

    def __init__(self, ring):
        self.host = Channel(HOST, KEY, Ccm, bytes(16), 247)
        self.heard = []
        ring.handle(actions.CONNECTED, 0)
        ring.handle(actions.MTU, 0, 247)
        ring.handle(actions.INTERVAL, 0, 6)
        record = self.host.greet()
        while record:
            answers = ring.handle(actions.RECEIVED, 0, record)
            record = self.host.receive_plain(answers[0][1]) if answers else b""

    def notify(self, record):
        self.heard.append(self.host.receive(bytes(record)))
        return True


def check_sender_and_flash_wake_each_other_until_all_is_said():
    async def say():
        chip = Chip(1)
        chip.says()
        chip.work()
        again = Chip(2)
        link = Link(again.ring)
        sender = Sender(again.ring, link)
        again.said.fetch(Fetch(5, 1, 1, 0))
        sender.on_idle, again.flash.on_news = again.flash.poke, sender.poke
        tasks = [sender.run(), again.flash.run()]
        tasks = [asyncio.create_task(task) for task in tasks]
        for _ in range(200):
            await asyncio.sleep_ms(10)
            if link.heard and isinstance(link.heard[-1], PastEnd):
                break
        for task in tasks:
            task.cancel()
        return [message for message in link.heard if isinstance(message, (Past, PastEnd))]

    def check():
        past = asyncio.run(say())
        assert [message.frame for message in past[:-1]] == list(range(FRAMES))
        assert past[-1] == PastEnd(5, SAID, FRAMES, 0)

    in_a_folder(check)


def check_a_file_that_was_torn_anywhere_is_told_powerless_with_its_whole_frames():
    def check():
        chip = Chip(1)
        chip.says(3)
        chip.work()
        (name,) = os.listdir(FOLDER)
        with open(FOLDER + "/" + name, "rb") as file:
            whole = file.read()
        for size in range(22, len(whole)):
            with open(FOLDER + "/" + name, "wb") as file:
                file.write(whole[:size])
            again = Chip(2)
            assert again.verdicts == [POWERLESS]
            assert again.said.held.all[0].records == min(3, (size - 22) // 174)

    in_a_folder(check)


def check_the_marker_alone_is_there_while_it_is_said():
    def check():
        chip = Chip(1)
        chip.ring.handle(actions.PRESSED, 0)
        chip.ring.handle(actions.MICROPHONE_STARTED, 0, 0)
        assert chip.verdicts == [OPEN]
        assert chip.work() == ["commit"]
        assert Chip(2).verdicts == [POWERLESS]

    in_a_folder(check)


def check_a_full_disk_gives_up_the_oldest_and_a_broken_one_is_no_crash():
    def check():
        chip = Chip(1)
        chip.says()
        chip.work()

        class Full:
            """`open`, while there is no room for another file."""

            refusals = 2  # its marker, and then itself
            error = NO_SPACE

            def __call__(self, path, mode):
                if mode != "rb" and self.refusals and not path.endswith(".new"):
                    self.refusals -= 1
                    raise OSError(self.error)
                return open(path, mode)

        flash_module.open = Full()
        try:
            chip.says()
            chip.work()
            assert chip.verdicts == [CROWDED, SAID]
            flash_module.open.refusals, flash_module.open.error = 1000, 5
            chip.says()
            chip.work()
            assert chip.said.saving.failed
            assert chip.verdicts[-1] == SAID
        finally:
            del flash_module.open
        again = Chip(2)
        assert len(again.said.held.all) == 2

    in_a_folder(check)


def check_what_is_thrown_away_need_not_be_written_to_its_end():
    def check():
        chip = Chip(1)

        class Dirty:
            """A file whose last bytes find no room."""

            def close(self):
                raise OSError(NO_SPACE)

            flush = close

        chip.flash._open_file, chip.flash._open_number = Dirty(), 7
        assert chip.flash.do(Job(REPLACE, 7, 0, b"marker")) == DONE
        with open(FOLDER + "/00000007", "rb") as file:
            assert file.read() == b"marker"

    in_a_folder(check)


def check_another_owner_finds_no_file():
    def check():
        chip = Chip(1)
        chip.says()
        chip.work()
        chip.ring.handle(actions.PAIRED, 2000, bytes(32))
        assert chip.work() == ["wipe"]
        assert os.listdir(FOLDER) == []

    in_a_folder(check)


run(globals())
