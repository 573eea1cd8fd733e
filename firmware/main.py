"""The only script on the device: pick the board, build its parts, run."""

import asyncio
import os

import bluetooth
import machine

from boards import esp32_s3_devkit, xiao_esp32s3
from mynah_device.about import BUILD
from mynah_device.acting import Acting
from mynah_device.console import describe
from mynah_device.memory import Memory
from mynah_device.playback import Playback
from mynah_device.ring import Ring
from mynah_device.session import Identity
from mynah_device.settings import Settings
from mynah_parts.adpcm_viper import decode_frame
from mynah_parts.button import Button
from mynah_parts.cable import Cable
from mynah_parts.ccm import Ccm
from mynah_parts.console import Console
from mynah_parts.copy_viper import copy_bytes
from mynah_parts.flash import Flash
from mynah_parts.haptic import Haptic
from mynah_parts.light import Light, lamp
from mynah_parts.links import Links
from mynah_parts.microphone import Microphone
from mynah_parts.radio import Radio
from mynah_parts.runner import Runner
from mynah_parts.samples_viper import ramp
from mynah_parts.sender import Sender
from mynah_parts.speaker import Speaker
from mynah_parts.store import Store

BOARDS = {board.NAME: board for board in (xiao_esp32s3, esp32_s3_devkit)}


def main() -> None:
    """Build the ring and run it."""
    # The radio first: NimBLE needs its memory in one piece, before anything else is allocated.
    radio = Radio(bluetooth.BLE())
    store = Store()
    board = BOARDS.get(store.board(), xiao_esp32s3)
    name = board.NAME.encode()
    device_id = (machine.unique_id() + bytes(8))[:8]
    boot_id = int.from_bytes(os.urandom(4), "little")
    identity = Identity(device_id, boot_id, name, board.CAPABILITIES, Ccm, os.urandom)
    playback, memory = Playback(decode_frame, ramp), Memory(board.MEMORY_FRAMES, copy_bytes)
    settings, acting = Settings(store.settings()), Acting(board.CAPABILITIES, store.acts())
    ring = Ring(identity, store.key(), settings, playback, memory, board.FLASH_BYTES, acting)
    links = Links(radio, Cable())
    flash = Flash(ring)
    flash.restore()
    sender = Sender(ring, links, flash.wake.set)
    light = Light(lamp(board.LAMP, board.LAMP_PIN), ring)
    microphone_pins = (board.MICROPHONE_SCK, board.MICROPHONE_WS, board.MICROPHONE_SD)
    microphone = Microphone(microphone_pins, ring, light, sender.wake.set)
    speaker_pins = (board.SPEAKER_SCK, board.SPEAKER_WS, board.SPEAKER_SD)
    speaker = Speaker(speaker_pins, ring, sender.wake.set)
    haptic = Haptic(board.HAPTIC_PIN)
    runner = Runner(ring, store, sender, flash, light, microphone, speaker, haptic)
    button = Button(board.BUTTON_PIN, runner.event)
    console = Console(lambda: describe(device_id, BUILD, name, ring.session.key), runner.paired)
    asyncio.run(runner.run(button, console))


main()
