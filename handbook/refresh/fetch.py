"""Files of an upstream repository over HTTP: tried again, timed out, bounded, whole."""

import io
import tarfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

from handbook.errors import HandbookError

Progress = Callable[[int, int | None], None]  # bytes so far, bytes of all if known


@dataclass(frozen=True)
class Patience:
    """How long to wait for a server, and how often to ask it (seconds, bytes)."""

    tries: int = 4
    pause: float = 1.0  # before the second try; doubled each time
    connect: float = 10.0
    silence: float = 30.0  # between two pieces
    whole: float = 300.0  # for all pieces
    most: int = 100_000_000  # bytes


@dataclass(frozen=True)
class Snapshot:
    """The wanted files of a repository, by path, and the commit if it is told."""

    files: dict[str, str]
    commit: str | None = None
    faults: list[str] = field(default_factory=list)


class _AgainError(Exception):
    """What may be better at the next try."""


def get(url: str, patience: Patience, progress: Progress = lambda *_: None) -> bytes:
    """The body behind an address, whole.

    Raises ``HandbookError`` with one line where it stays out of reach.
    """
    for attempt in range(patience.tries):
        if attempt:
            time.sleep(patience.pause * 2 ** (attempt - 1))
        try:
            return _once(url, patience, progress)
        except _AgainError as error:
            last = error
    times = f"{patience.tries} {'try' if patience.tries == 1 else 'tries'}"
    raise HandbookError(f"{url}: {last} after {times} (look again later)")


def _once(url: str, patience: Patience, progress: Progress) -> bytes:
    # Here, for a build of the site imports every room and needs no client.
    import requests
    from urllib3.exceptions import ReadTimeoutError

    waits = (patience.connect, patience.silence)
    agent = {"User-Agent": "handbook-refresh"}
    try:
        with closing(requests.get(url, stream=True, timeout=waits, headers=agent)) as r:
            if r.status_code == 429 or r.status_code >= 500:
                raise _AgainError(f"answers {r.status_code}")
            if r.status_code != 200:
                raise HandbookError(
                    f"{url}: answers {r.status_code} (has it moved? mend its address)"
                )
            size = r.headers.get("Content-Length")
            total = int(size) if size else None
            return _body(url, r.iter_content(65536), total, patience, progress)
    except requests.Timeout:
        raise _AgainError(f"is silent for {patience.silence:g} s") from None
    except requests.RequestException as error:
        if any(isinstance(cause, ReadTimeoutError) for cause in error.args):
            raise _AgainError(f"is silent for {patience.silence:g} s") from None
        raise _AgainError(f"breaks off ({type(error).__name__})") from None


def _body(
    url: str,
    pieces: Iterator[bytes],
    total: int | None,
    patience: Patience,
    progress: Progress,
) -> bytes:
    """All pieces together, as long as they come in time and are not too many."""
    until = time.monotonic() + patience.whole
    body = bytearray()
    for piece in pieces:
        body += piece
        progress(len(body), total)
        if len(body) > patience.most:
            raise HandbookError(
                f"{url}: has more than {patience.most:,} bytes (is it the right one?)"
            )
        if time.monotonic() > until:
            raise HandbookError(
                f"{url}: takes more than {patience.whole:g} s (look again later)"
            )
    return bytes(body)


def unpack(url: str, body: bytes, wanted: Callable[[str], bool]) -> Snapshot:
    """The wanted files of a ``.tar.gz`` that GitHub packs, and its commit.

    Nothing is written to disk. Raises ``HandbookError`` if the archive is not whole.
    """
    files: dict[str, str] = {}
    faults = []
    try:
        with tarfile.open(fileobj=io.BytesIO(body), mode="r:gz") as archive:
            for member in archive:
                path = member.name.partition("/")[2]  # below the folder of the commit
                if not (member.isfile() and wanted(path)):
                    continue
                try:
                    files[path] = archive.extractfile(member).read().decode("utf-8")
                except UnicodeDecodeError:
                    faults.append(f"{path}: is no UTF-8 text (tell its maintainers)")
            commit = archive.pax_headers.get("comment")
    except (tarfile.TarError, EOFError, zlib.error, OSError):
        raise HandbookError(
            f"{url}: is no whole archive, {len(body):,} bytes (look again later)"
        ) from None
    return Snapshot(files, commit, faults)
