"""A board as a flashing tool sees it: the chip's boot ROM, then MicroPython, on one serial port."""
