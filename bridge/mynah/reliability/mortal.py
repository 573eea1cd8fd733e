"""A disk whose program is killed: from that moment on nothing of it is written any more."""

import errno

from mynah.inbox.disk import RealDisk


class MortalDisk(RealDisk):
    """Until `die`, as the real one. What a killed program still does in this process is lost."""

    dead = False

    def die(self) -> None:
        """The program is gone; the system frees its lock."""
        self.dead = True
        self.release()

    def append(self, name: str, data: bytes) -> None:
        self._live()
        super().append(name, data)

    def sync(self, name: str) -> None:
        self._live()
        super().sync(name)

    def replace(self, name: str, data: bytes) -> None:
        self._live()
        super().replace(name, data)

    def remove(self, name: str) -> None:
        self._live()
        super().remove(name)

    def _live(self) -> None:
        if self.dead:
            raise OSError(errno.EIO, "this program was killed", self.where)
