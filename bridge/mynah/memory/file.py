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
        self.path = path
        self._lock = RLock()
        if path is not None:
            _make(path, what)
        self._connection = sqlite3.connect(
            path or ":memory:", timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
        try:
            self._prepare(schema)
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise UserError(
                f"{path}: not {what}, or damaged ({error}); move it away, or put a copy of it "
                "in its place"
            ) from error
        except UserError:
            self._connection.close()
            raise

    def read(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self._lock, self._told():
            return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def change(self) -> Iterator["Change"]:
        """All of the changes inside, or none if it raises."""
        with self._lock, self._told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Change(self._connection)
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def scrub(self) -> None:
        """Write the file anew with what is left: no page keeps what was deleted.

        secure_delete overwrites rows; what moving rows about left in the gaps of a page it does
        not promise.
        """
        with self._lock, self._told():
            self._connection.execute("VACUUM")

    def version(self) -> int:
        """Another number as soon as another program has changed the file."""
        return int(self.read("PRAGMA data_version")[0][0])

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _prepare(self, schema: str) -> None:
        for setting in _SETTINGS:
            self._connection.execute(setting)
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise UserError(f"{self.path}: written by a newer Mynah; update this one")
        if version < SCHEMA_VERSION:
            self._connection.executescript(f"{schema}; PRAGMA user_version = {SCHEMA_VERSION};")

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
