"""A ring on a USB cable: the firmware's console as a pseudo-terminal, opened by pyserial."""

import asyncio
import time
from contextlib import asynccontextmanager

import pytest

from mynah.app import Conversation
from mynah.cli.pair import _pair
from mynah.companions.guest import Guest
from mynah.companions.parrot import Parrot
from mynah.emulator.pty import PseudoTerminal
from mynah.emulator.ring import EmulatedRing
from mynah.emulator.wearer import Wearer
from mynah.errors import DeviceError, LinkError
from mynah.link.ble import Backends, BleLink
from mynah.link.cable import Cable
from mynah.link.keys import KeyStore
from mynah.link.pairing import identify
from mynah.link.serial import SerialLink
from mynah.speech.asr import ScriptedTranscriber
from mynah.speech.tts import ToneSynthesizer
from mynah.stages import Stages
from mynah_wire.uplink import Ready, Start
from tests.end_to_end.conversing import DEADLINE_S, Ears, murmur

BUSY = "the ring is talking to another host"
SILENCE_S = 5
"""After which a ring gives up a host at its cable."""


@asynccontextmanager
async def plugged_in(**settings):
    async with (
        asyncio.timeout(2 * DEADLINE_S),
        EmulatedRing(**settings) as ring,
        PseudoTerminal(ring) as port,
    ):
        yield ring, port


def over_the_air(ring):
    backends = Backends(ring.air.client_backend, ring.air.scanner_backend)
    return BleLink(KeyStore().all(), "", backends)


@asynccontextmanager
async def listening(link):
    async with Ears(link) as client:
        task = asyncio.create_task(client.listen(), name="listening")
        ready = asyncio.create_task(client.until(Ready), name="ready")
        try:
            await asyncio.wait((task, ready), return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                ready.cancel()
                await task  # it was refused
            yield client
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def admitted(link):
    """As soon as the ring has noticed that the other host is gone."""
    while True:
        try:
            async with listening(link):
                return True
        except (DeviceError, LinkError) as error:  # hung up on, in the moment the other one goes
            assert BUSY in str(error) or "hung up" in str(error)  # noqa: PT017


async def refusal_of(link):
    async with Ears(link) as client:
        with pytest.raises(DeviceError) as caught:
            await client.listen()
    return str(caught.value)


@asynccontextmanager
async def talking(link, *texts):
    turns = asyncio.Queue()
    stages = Stages(ScriptedTranscriber(texts), Guest("parrot", Parrot()), ToneSynthesizer())
    async with Ears(link) as client:
        conversation = Conversation(client, stages, turns.put_nowait)
        running = asyncio.create_task(conversation.run(), name="conversation")
        try:
            await conversation.ready.wait()
            yield client, turns, running
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_a_whole_turn_goes_over_the_cable():
    async with plugged_in() as (ring, port):
        async with talking(SerialLink(port.name), "said over a cable") as (client, turns, _):
            await Wearer(ring.world).say(murmur(1.0))
            record = await turns.get()

        assert (record.error, record.transcript) == (None, "said over a cable")
        assert record.heard == record.reply
        assert record.link.lost_frames == record.link.underruns == 0
        assert client.session.bad_records == 0
        assert client.session.ready.board == b"xiao_esp32s3"


async def test_the_console_answers_beside_the_records():
    async with plugged_in() as (ring, port), listening(SerialLink(port.name)) as client:
        answer = await ring.ask("mynah id")

        assert answer.startswith("mynah ")
        assert client.session.bad_records == 0


async def test_a_ring_is_paired_over_the_cable_that_it_talks_over(capsys):
    async with plugged_in() as (_, port):
        await _pair(f"serial:{port.name}", insecure=False)
        (key,) = KeyStore().all()

        assert key.device_id in capsys.readouterr().out
        link = SerialLink(port.name)
        async with listening(link):
            assert link.key == key.secret


async def test_a_ring_that_talks_over_the_air_refuses_the_cable_as_busy():
    async with plugged_in() as (ring, port):
        async with listening(SerialLink(port.name)):
            pass  # it is paired now
        async with listening(over_the_air(ring)):
            assert BUSY in await refusal_of(SerialLink(port.name))

        assert await admitted(SerialLink(port.name))


async def test_a_host_that_left_without_a_word_is_replaced_by_the_next():
    async with plugged_in() as (_, port):
        left = SerialLink(port.name)
        async with listening(left) as client:
            await left._cable.close()  # no farewell: the bridge crashed
            with pytest.raises(LinkError, match="not connected"):
                await left.send(b"")

        async with listening(SerialLink(port.name)) as client:
            assert client.session.bad_records == 0


@pytest.mark.slow
async def test_when_the_cable_is_silent_the_ring_is_found_over_the_air_again():
    async with plugged_in() as (ring, port):
        async with listening(SerialLink(port.name)):
            port.unplug()
            began_s = time.monotonic()

        async with listening(over_the_air(ring)):
            assert time.monotonic() - began_s > SILENCE_S - 2.5  # since the host's last ping


async def test_a_cable_pulled_in_mid_turn_is_one_line_and_the_turn_is_told():
    async with (
        plugged_in() as (ring, port),
        talking(SerialLink(port.name), "never heard") as (client, turns, running),
    ):
        saying = asyncio.create_task(Wearer(ring.world).say(murmur(1.0)), name="wearer")
        await client.until(Start)
        port.unplug()
        with pytest.raises(LinkError, match=f"the cable at {port.name} was pulled") as caught:
            await running
        await saying

    assert "\n" not in str(caught.value)
    assert str(caught.value) in turns.get_nowait().error


async def test_a_port_that_another_program_has_is_busy():
    async with plugged_in() as (_, port), Cable(port.name):
        with pytest.raises(LinkError, match=f"{port.name} is busy: another program"):
            await Cable(port.name).open()


async def test_another_computers_ring_is_not_taken_over():
    async with plugged_in() as (ring, port):
        await ring.ask(f"mynah key {'5a' * 32}")

        with pytest.raises(DeviceError, match=f"pair it: `mynah pair --link serial:{port.name}`"):
            await SerialLink(port.name).open()


async def test_the_second_board_lights_its_pixel_and_says_its_name():
    async with plugged_in(board="esp32_s3_devkit") as (ring, port):
        events = []
        ring.trace.listen(events.append)
        async with Cable(port.name) as cable:
            assert (await identify(cable)).board == "esp32_s3_devkit"
        async with talking(SerialLink(port.name), "heard") as (client, turns, _):
            await Wearer(ring.world).say(murmur(0.5))
            record = await turns.get()

        assert record.error is None
        assert client.session.ready.board == b"esp32_s3_devkit"
        assert {event["pin"] for event in events if event["event"] == "light"} == {48}
