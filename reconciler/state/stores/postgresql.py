"""A lock in a PostgreSQL database: a row for the document, and one for each of its pieces.

`state.stores` imports it by its name. A row of its own for each webhook would gain nothing: a run reads the whole lock
once and writes what it did as lines of the journal. No transaction and no lock of the database is held while anything
else is done: whoever writes names the version of the row, in one statement, so a connection pool between is no harm.

Connections are made as all of PostgreSQL's programs make them: PGUSER, PGPASSWORD, PGPASSFILE, PGSSLMODE, ….
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from reconciler.codes import Code
from reconciler.errors import StateError
from reconciler.state.address import LockAddress
from reconciler.state.stores.base import Store
from reconciler.state.stores.medium import Kept, Moved, Unsure
from reconciler.state.stores.places import database
from reconciler.state.stores.remote import RemoteStore

CONNECT = 10
"""Seconds that a connection may take, where the environment says nothing else."""

_TABLES = (
    "CREATE TABLE IF NOT EXISTS whsync_locks (name text PRIMARY KEY, version bigint NOT NULL, document bytea NOT NULL)",
    "CREATE TABLE IF NOT EXISTS whsync_pieces "
    "(name text, piece text, content bytea NOT NULL, PRIMARY KEY (name, piece))",
)
_PIECE = (
    "INSERT INTO whsync_pieces (name, piece, content) VALUES (%s, %s, %s) "
    "ON CONFLICT (name, piece) DO UPDATE SET content = EXCLUDED.content"
)
_GONE = "DELETE FROM whsync_pieces WHERE name = %s AND piece = ANY(%s)"
_NEXT = (
    "UPDATE whsync_locks SET document = %s, version = version + 1 WHERE name = %s AND version = %s RETURNING version"
)
_FIRST = (
    "INSERT INTO whsync_locks (name, version, document) VALUES (%s, 1, %s) "
    "ON CONFLICT (name) DO NOTHING RETURNING version"
)


def at(address: LockAddress, folder: Path | None = None) -> Store:
    """See `Kind` in `state.stores`."""
    try:
        import psycopg
    except ImportError:
        psycopg = None
    if psycopg is None:
        hint = "pip install 'whsync[postgresql]'"
        raise StateError("a lock in PostgreSQL needs a package that is not installed", hint, code=Code.PACKAGE_MISSING)
    return RemoteStore(PostgresMedium(address))


class PostgresMedium:
    """See `medium.Medium`."""

    pieces = True
    patience = 60.0

    def __init__(self, address: LockAddress) -> None:
        self.shown = str(address)
        self._where, self._name = database(address.location)
        self._connection: Any = None

    def get(self) -> Kept | None:
        """See `medium.Medium`."""
        found = self._row("SELECT document, version FROM whsync_locks WHERE name = %s", self._name)
        return None if found is None else Kept(bytes(found[0]), str(found[1]))

    def put(self, data: bytes, version: str | None, pieces: Mapping[str, bytes | None]) -> str:
        """See `medium.Medium`."""
        with self._asked("written", Unsure) as connection:
            if version is None:
                self._make_tables(connection)
            with connection.transaction(), connection.cursor() as cursor:
                gone = [piece for piece, content in pieces.items() if content is None]
                cursor.execute(_GONE, (self._name, gone))
                for piece, content in pieces.items():
                    if content is not None:
                        cursor.execute(_PIECE, (self._name, piece, content))
                if version is None:
                    cursor.execute(_FIRST, (self._name, data))
                else:
                    cursor.execute(_NEXT, (data, self._name, int(version)))
                row = cursor.fetchone()
                if row is None:
                    raise Moved
        return str(row[0])

    def piece(self, name: str) -> bytes | None:
        """See `medium.Medium`."""
        found = self._row("SELECT content FROM whsync_pieces WHERE name = %s AND piece = %s", self._name, name)
        return None if found is None else bytes(found[0])

    def claim(self, who: Mapping[str, str]) -> None:
        """See `medium.Medium`; an advisory lock would end with its connection, and with each that is lost."""

    def unclaim(self, id_: str) -> None:
        """See `medium.Medium`."""

    def close(self) -> None:
        """See `medium.Medium`."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _row(self, statement: str, *values: str) -> Any:
        """The first row; None where there is none, or not yet any table."""
        from psycopg.errors import UndefinedTable

        with self._asked("read") as connection:
            try:
                return connection.execute(statement, values).fetchone()
            except UndefinedTable:
                return None

    def _make_tables(self, connection: Any) -> None:
        """Make the tables; two that do so at once may get in each other's way, and then they are there."""
        from psycopg.errors import DuplicateTable, InsufficientPrivilege, UniqueViolation

        for statement in _TABLES:
            with suppress(DuplicateTable, UniqueViolation, InsufficientPrivilege):
                connection.execute(statement)

    @contextmanager
    def _asked(self, what: str, lost: type[StateError] = StateError) -> Iterator[Any]:
        """A connection; what goes wrong in our own words, for the library's may hold what was sent."""
        import psycopg

        try:
            if self._connection is None or self._connection.closed:
                patience = {} if "connect_timeout=" in self._where else {"connect_timeout": CONNECT}
                self._connection = psycopg.connect(self._where, autocommit=True, **patience)
            yield self._connection
        except psycopg.Error as error:
            begun = self._connection is not None
            with suppress(psycopg.Error):
                self.close()
            unanswered = begun and isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
            kind = lost if unanswered else StateError
            raise kind(
                f"the lock {self.shown} cannot be {what}: {_words(error, begun)}",
                "does `psql` reach that database from here, and may this user make and change tables there?",
                code=Code.STATE_UNUSABLE,
            ) from None


def _words(error: Exception, begun: bool) -> str:
    """PostgreSQL's own code for what is wrong, or what kind of thing it is."""
    state = getattr(error, "sqlstate", None)
    if state:
        return f"PostgreSQL answers {type(error).__name__} ({state})"
    return "the connection broke" if begun else "there is no connection to it"
