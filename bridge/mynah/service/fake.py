"""A service manager in memory, for who tests what uses one."""

from pathlib import Path

from mynah.errors import ServiceError
from mynah.service.manager import NONE, STOPPED, Job, State, Status


class FakeManager:
    """Does as it is told; `broken` is a job that ends at once."""

    output = "nothing, it is a fake"

    def __init__(self, folder: Path) -> None:
        self.file = folder / "fake.service"
        self.job: Job | None = None
        self.running = False
        self.broken = False

    def install(self, job: Job) -> None:
        self.job = job
        self.file.write_text(str(job), encoding="utf-8")
        self.start()

    def start(self) -> None:
        self.running = not self.broken
        if self.broken:
            raise ServiceError(f"it ended; what it said: {self.output}")

    def stop(self) -> None:
        self.running = False

    def remove(self) -> None:
        self.stop()
        self.file.unlink()
        self.job = None

    def status(self) -> Status:
        if self.job is None:
            return Status(State.NONE, NONE)
        if self.running:
            return Status(State.RUNS, "it runs")
        return Status(State.STOPPED, STOPPED)
