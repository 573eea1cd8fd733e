"""One attribute's value, with the rules of MicroPython's own attribute table. Pure."""

_DEFAULT_BYTES = 20


class Value:
    """A buffer that the device may outgrow and the central may not."""

    def __init__(self):
        self._append = False
        self.resize(_DEFAULT_BYTES, False)

    def resize(self, size, append):
        self._data = bytearray(size)
        self._length = 0
        self._append = append

    def read(self):
        value = bytes(memoryview(self._data)[: self._length])
        if self._append:
            self._length = 0
        return value

    def write_here(self, data):
        if len(data) > len(self._data):
            self._data = bytearray(len(data))
        self._data[: len(data)] = data
        self._length = len(data)

    def write_by_central(self, data):
        """Keep what fits: a longer write is cut off, without a word, as on a chip."""
        start = self._length if self._append else 0
        self._length = min(len(self._data), start + len(data))
        self._data[start : self._length] = memoryview(data)[: self._length - start]
