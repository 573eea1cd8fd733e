"""Resets the chip."""

import machine

machine.reset()
