"""A file of ours in SQLite, set so that what is deleted from it is gone. Its calls block."""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any, Final

from mynah.errors import MynahError, UserError
from mynah.link.keys import OWNER_ONLY, private_folder

SCHEMA_VERSION: Final = 1

BUSY_S: Final = 5.0
"""`mynah memory` and the bridge may write at once: one turn takes milliseconds."""

BRIEFLY_S: Final = 0.005
"""For who reads in the event loop: who writes at that moment is not done yet."""

# No write-ahead log: what was deleted would stay in it until a checkpoint, and one writer with a
# row a turn gains nothing by it. The rollback journal is deleted with each change.
_SETTINGS: Final = (
    "PRAGMA journal_mode = DELETE",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",  # VACUUM would leave words in a temporary file elsewhere
    "PRAGMA trusted_schema = OFF",
)


class PrivateFile:
    """One file, used from any thread, by one at a time."""

    def __init__(self, path: Path | None, schema: str, what: str) -> None:
        """`what` it is, for messages. UserError if it is not; it is made if there is none.

        Without a path all of it is gone with the program.
        """
        self._what = what
        self._schema = schema
        self.path = path
        self._lock = RLock()
        self._times_opened = 0
        self._place = 0
        self._connection = self._opened()

    def read(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self._lock, self._told():
            return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def briefly(self) -> Iterator[None]:
        """What is read inside waits for nobody: MynahError if somebody writes at this moment."""
        if not self._lock.acquire(timeout=BRIEFLY_S):
            raise MynahError(f"{self.path}: {self._what} that is being written now; try again")
        try:
            self._wait_at_most(BRIEFLY_S)
            yield
        finally:
            self._wait_at_most(BUSY_S)
            self._lock.release()

    @contextmanager
    def change(self) -> Iterator["Change"]:
        """All of the changes inside, or none if it raises."""
        with self._lock, self._told():
            self._follow()
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Change(self._connection)
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite ends some itself: a full disk's
                    self._connection.execute("ROLLBACK")
                raise

    def scrub(self) -> None:
        """Write the file anew with what is left: no page keeps what was deleted.

        secure_delete overwrites rows; what moving rows about left in the gaps of a page it does
        not promise.
        """
        with self._lock, self._told():
            self._connection.execute("VACUUM")

    def version(self) -> tuple[int, int]:
        """Another one as soon as another program has changed the file, or put it away."""
        with self._lock:
            self._follow()
            return self._times_opened, int(self.read("PRAGMA data_version")[0][0])

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _opened(self) -> sqlite3.Connection:
        if self.path is not None:
            _make(self.path, self._what)
        connection = sqlite3.connect(
            self.path or ":memory:", timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
        try:
            self._prepare(connection)
        except sqlite3.DatabaseError as error:
            connection.close()
            raise UserError(
                f"{self.path}: not {self._what}, or damaged ({error}); move it away, or put a "
                "copy of it in its place"
            ) from error
        except UserError:
            connection.close()
            raise
        self._place = self.path.stat().st_ino if self.path else 0
        self._times_opened += 1
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        for setting in _SETTINGS:
            connection.execute(setting)
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise UserError(f"{self.path}: written by a newer Mynah; update this one")
        if version < SCHEMA_VERSION:
            connection.executescript(f"{self._schema}; PRAGMA user_version = {SCHEMA_VERSION};")

    def _follow(self) -> None:
        """Open it anew if another lies there: all was forgotten, or a copy was put back."""
        if self.path is None or self._connection.in_transaction:
            return
        try:
            place = self.path.stat().st_ino
        except OSError:
            place = -1
        if place != self._place:
            fresh = self._opened()
            self._connection.close()
            self._connection = fresh

    def _wait_at_most(self, seconds: float) -> None:
        self._connection.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise MynahError(
                f"{self.path}: {self._what} that can't be used now ({error}); nothing was changed"
            ) from error


def _make(path: Path, what: str) -> None:
    private_folder(path.parent)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, OWNER_ONLY))
    except OSError as error:
        raise UserError(f"{path}: can't be {what} ({error.strerror})") from error


class Change:
    """What may be done in one change."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def run(self, statement: str, *values: Any) -> int:
        """One statement; the id of the row that it added, if it added one."""
        return int(self._connection.execute(statement, values).lastrowid or 0)

    def run_all(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """One statement for each row."""
        self._connection.executemany(statement, rows)
