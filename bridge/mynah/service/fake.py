"""A service manager in memory, for who tests what uses one."""

from pathlib import Path

from mynah.service.manager import ENDED, NONE, STOPPED, Job, Status


class FakeManager:
    """Does as it is told. `end(code)` is what a job does of itself."""

    output = "nothing, it is a fake"

    def __init__(self, folder: Path) -> None:
        self.file = folder / "fake.service"
        self.job: Job | None = None
        self.running = False
        self._code = 0

    def install(self, job: Job) -> None:
        self.job = job
        self.file.write_text(str(job), encoding="utf-8")
        self.start()

    def start(self) -> None:
        self.running, self._code = True, 0

    def stop(self) -> None:
        self.running = False

    def remove(self) -> None:
        self.stop()
        self.file.unlink()
        self.job = None

    def end(self, code: int) -> None:
        """As a job with wrong settings does."""
        self.running, self._code = False, code

    def status(self) -> Status:
        told = NONE if self.job is None else "it runs" if self.running else self._why()
        return Status(self.job is not None, self.running, told)

    def _why(self) -> str:
        return ENDED.format(code=self._code) if self._code else STOPPED
