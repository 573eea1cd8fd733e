"""Parts on the emulated I2C bus, register by register; they run inside the ring's MicroPython."""
