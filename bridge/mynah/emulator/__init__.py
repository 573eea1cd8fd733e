"""A ring without hardware: the firmware in a real MicroPython, over a modelled Bluetooth radio."""
