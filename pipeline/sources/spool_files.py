"""The files of a spool folder: which there are, which file is which, and when one is finished.

A file is known by its inode and its first line, so that it stays the same file when it grows or is renamed by a
rotation, and is another one when its name is used again. As a partition of the ledger it is called
`source/name@identity`, with the name it had when it was first seen; after a roll-back `~1` is added, so that the file
can be loaded again.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from pipeline.ledger.marks import LEG_TOPIC, raw_mark
from pipeline.mediation.texts import RECORD_BYTES_MAX
from pipeline.settings import Source

DONE = "done"
"""Sub-folder of a source where its finished files are kept."""
UNFINISHED_NAMES = (".tmp", ".part", ".partial", ".filepart")
"""Endings of files that are still being transferred."""
_HASH_CHARACTERS = 10
_NAME_BYTES_MAX = 255
_MARKS = "%~"
"""Signs with a meaning in the names of partitions."""


class FoundFile(NamedTuple):
    """A file of the spool as it is now."""

    source: Source
    path: Path
    bytes: int
    inode: int
    changed_ns: int


class KnownFiles:
    """The partitions that the ledger has marks or roll-backs of."""

    def __init__(self, marks: Mapping[str, int]) -> None:
        self._marks = marks
        names = [name.partition("<")[2] for name in marks if name.startswith(f"{LEG_TOPIC}-") and "<" in name]
        self._by_identity: dict[str, str] = {}
        for name in sorted(names, key=generation):
            self._by_identity[_identity_of(name)] = name
        self._rolled_back = {
            name.removeprefix(ROLLED_BACK): count for name, count in marks.items() if is_roll_back(name)
        }

    def partition(self, found: FoundFile, identity: str) -> str:
        """Name of the partition that this file is."""
        source = f"{found.source.name}/"
        name = self._by_identity.setdefault(f"{source}{identity}", f"{source}{safe_name(found.path)}@{identity}")
        base = name.partition("~")[0]
        count = self._rolled_back.get(base, 0)
        return f"{base}~{count}" if count else base

    def line_read(self, partition: str, leg_partitions: int) -> int | None:
        """The last line that every partition of the ledger has; None if one of them has none of the file."""
        marks = [self._marks.get(raw_mark(number, partition)) for number in range(leg_partitions)]
        return None if None in marks else min(mark for mark in marks if mark is not None)


ROLLED_BACK = "rolled-back<"
"""Begin of the mark that counts how often a file was rolled back."""


def roll_back_mark(partition: str) -> str:
    """Name of the mark that counts the roll-backs of a file, given any generation of its partition."""
    return f"{ROLLED_BACK}{partition.partition('~')[0]}"


def is_roll_back(mark: str) -> bool:
    """Whether a mark counts roll-backs."""
    return mark.startswith(ROLLED_BACK)


def generation(partition: str) -> int:
    """How often the file was rolled back before these rows of it were loaded."""
    return int(partition.partition("~")[2] or 0)


def safe_name(path: Path) -> str:
    """The name of a file as texts hold it: `%`, `~`, what cannot be printed and bytes that are no UTF-8 as %XX.

    Whoever drops files chooses their names; none of them may break a line, move a terminal or look like a roll-back.
    """
    return "".join(sign if sign.isprintable() and sign not in _MARKS else _percent(sign) for sign in path.name)


def _percent(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode(errors="surrogateescape"))


def _identity_of(partition: str) -> str:
    source, _, name = partition.partition("/")
    return f"{source}/{name.partition('~')[0].rpartition('@')[2]}"


def find_files(spool: Path, sources: Iterable[Source]) -> list[FoundFile]:
    """Every file of the configured sources, those that were changed first in front. Links are not followed."""
    found = [file for source in sources for file in _files_of(spool / source.name, source)]
    return sorted(found, key=lambda file: (file.changed_ns, file.path.name))


def unknown_folders(spool: Path, sources: Sequence[Source]) -> list[str]:
    """Sub-folders of the spool that no source is configured for."""
    names = {source.name for source in sources}
    return sorted(safe_name(path) for path in spool.iterdir() if path.is_dir() and path.name not in names)


def _files_of(folder: Path, source: Source) -> Iterator[FoundFile]:
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if path.is_symlink() or not path.is_file() or path.name.startswith("."):
            continue
        if not path.name.endswith(UNFINISHED_NAMES):
            status = path.stat()
            yield FoundFile(source, path, status.st_size, status.st_ino, status.st_mtime_ns)


def identity(found: FoundFile, *, final: bool) -> str | None:
    """Inode and a hash of the first line; None while that line may still grow."""
    with found.path.open("rb") as stream:
        first = stream.readline(RECORD_BYTES_MAX)
    if not (final or first.endswith(b"\n") or len(first) == RECORD_BYTES_MAX):
        return None
    hashed = sha256(first.rstrip(b"\r\n")).hexdigest()
    return f"{found.inode:x}-{hashed[:_HASH_CHARACTERS]}"


def is_finished(found: FoundFile, all_files: Sequence[FoundFile], now_ns: int, settle_ns: int, idle_ns: int) -> bool:
    """Whether nothing will be added: a newer file of its source has begun and this one rests, or it rested for long."""
    rested = now_ns - found.changed_ns
    is_followed = any(
        other.source.name == found.source.name and other.changed_ns > found.changed_ns for other in all_files
    )
    return rested >= (settle_ns if is_followed else idle_ns)


def archive(found: FoundFile, partition: str) -> Path:
    """Move a finished file to the folder `done` of its source; the inode stays, so it cannot be taken by another."""
    folder = found.path.parent / DONE
    folder.mkdir(exist_ok=True)
    target = folder / found.path.name
    if target.exists():
        known = partition.rpartition("@")[2]
        named = f"{found.path.name}@{known}"
        target = folder / (named if len(os.fsencode(named)) <= _NAME_BYTES_MAX else known)
    return found.path.rename(target)
