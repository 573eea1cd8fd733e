"""The core of an update over a flash that is a dictionary."""

from mynah.maker import bundle
from mynah.maker.update_key import UpdateKey
from mynah_device import slot_jobs
from mynah_device.updating import Place, Updating
from mynah_wire.making import Block

KEY = UpdateKey(bytes(range(32)))
FILES = {"app.py": b"pass\n", "lib/long.py": bytes(range(256)) * 40, "lib/x.py": b"x = 1\n"}
RUNNING, SPARE = "a", "b"


class Chip:
    """The shell, with the files in a dictionary."""

    def __init__(self, files=None, build=1):
        self.files = files if files is not None else {}
        self.room = 1 << 20
        self.tried = False
        self.restarted = False
        self.told = []
        place = Place(build, "xtensawin-6.3", "ring", (RUNNING, SPARE), [KEY.public])
        self.core = Updating(place)

    def take(self, message, hindrance=""):
        self.core.take(message, hindrance)
        return self.work()

    def work(self, most=10_000):
        """Do the jobs; what was told on the way."""
        result, told = None, []
        while most and (job := self.core.next(result)) is not None:
            result = self.do(job)
            most -= 1
        while self.core.news:
            told.append(self.core.news.popleft())
        self.told += told
        return told

    def do(self, job):
        if job.kind == slot_jobs.READ:
            return self.files.get(job.path, b"")[job.offset : job.offset + job.count]
        if job.kind == slot_jobs.SIZE:
            return len(self.files.get(job.path, b""))
        if job.kind == slot_jobs.ROOM:
            return self.room, sum(len(data) for data in self.files.values())
        if job.kind == slot_jobs.WIPE:
            self.files.clear()
        elif job.kind == slot_jobs.WRITE:
            self.files[job.path] = self.files.get(job.path, b"")[: job.offset] + b"".join(
                job.pieces
            )
        elif job.kind == slot_jobs.RENAME:
            self.files[job.other] = self.files.pop(job.path)
        elif job.kind == slot_jobs.TRY:
            self.tried = True
            return True
        elif job.kind == slot_jobs.RESTART:
            self.restarted = True
        return None

    def send(self, made, first=0, end=None, step=200):
        """Blocks, as far as the window goes; what the last one was answered."""
        for at in range(first, len(made.data) if end is None else end, step):
            self.take(Block(at, made.data[at : at + step]))
        return self.told[-1] if self.told else None


def made(build=2, files=FILES, key=KEY, architecture="xtensawin-6.3"):
    return bundle.pack(build, architecture, ["ring"], files, key)
