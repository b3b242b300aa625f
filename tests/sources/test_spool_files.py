"""Which file is which: identity, order, ends, archive and roll-backs."""

import os

import pytest

from pipeline.settings import Source
from pipeline.sources.spool_files import (
    DONE,
    FoundFile,
    KnownFiles,
    archive,
    find_files,
    generation,
    identity,
    is_finished,
    is_roll_back,
    roll_back_mark,
    unknown_folders,
)

SBC1, SBC2 = Source(name="sbc1", format="native_json"), Source(name="sbc2", format="asterisk_csv")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "sbc1").mkdir()
    return tmp_path


def put(folder, name: str, content: bytes = b"line\n", source: str = "sbc1", changed: int | None = None):
    path = folder / source / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    if changed is not None:
        os.utime(path, (changed, changed))
    return path


def only(folder) -> FoundFile:
    (found,) = find_files(folder, [SBC1])
    return found


def test_files_are_found_in_the_order_of_their_change(folder):
    """Of all sources together, the oldest first."""
    put(folder, "b.json", changed=200)
    put(folder, "a.json", changed=300)
    put(folder, "c.csv", source="sbc2", changed=100)
    assert ["c.csv", "b.json", "a.json"] == [found.path.name for found in find_files(folder, [SBC1, SBC2])]


def test_only_files_of_configured_sources_are_read(folder):
    """A folder without a source is reported, not read."""
    put(folder, "x.json", source="unknown")
    assert [] == find_files(folder, [SBC1])
    assert ["unknown"] == unknown_folders(folder, [SBC1])


@pytest.mark.parametrize("name", [".hidden", "x.tmp", "x.json.part", "x.partial", "x.filepart"])
def test_files_in_transfer_are_left_alone(folder, name):
    """They get their name when they are whole."""
    put(folder, name)
    assert [] == find_files(folder, [SBC1])


def test_a_source_without_a_folder_has_no_files(folder):
    """It has not sent anything yet."""
    assert [] == find_files(folder, [SBC2])


def test_a_file_keeps_its_identity_when_it_grows_and_moves(folder):
    """Inode and first line."""
    path = put(folder, "cdr.json", b"first\n")
    before = identity(only(folder), final=False)
    with path.open("ab") as stream:
        stream.write(b"second\n")
    path.rename(path.with_name("cdr.json.1"))
    assert before == identity(only(folder), final=False)


def test_another_first_line_is_another_file(folder):
    """The same name and the same inode, written over from the start."""
    path = put(folder, "cdr.json", b"first\n")
    before = identity(only(folder), final=False)
    with path.open("r+b") as stream:
        stream.write(b"other\n")
    assert before != identity(only(folder), final=False)


def test_a_file_without_a_whole_first_line_waits(folder):
    """Its identity would change; at the end it is taken as it is."""
    put(folder, "cdr.json", b"half")
    assert None is identity(only(folder), final=False)
    assert identity(only(folder), final=True) is not None


def test_line_ends_do_not_matter_to_the_identity(folder):
    """The last line of a file may be the first one too."""
    path = put(folder, "cdr.json", b"line")
    before = identity(only(folder), final=True)
    with path.open("ab") as stream:
        stream.write(b"\r\n")
    assert before == identity(only(folder), final=False)


@pytest.mark.parametrize(
    ("age", "newer_age", "expected"),
    [(4, 1, False), (5, 1, True), (3_599, None, False), (3_600, None, True), (5, 5, False)],
    ids=["followed-moving", "followed-resting", "newest", "newest-idle", "same-time"],
)
def test_when_a_file_is_finished(folder, age, newer_age, expected):
    """Followed by a newer one it rests 5 s; as the newest of its source an hour."""
    now = 1_000_000
    put(folder, "old.json", changed=now - age)
    if newer_age is not None:
        put(folder, "new.json", changed=now - newer_age)
    files = find_files(folder, [SBC1])
    old = next(found for found in files if found.path.name == "old.json")
    second = 1_000_000_000
    assert expected is is_finished(old, files, now * second, 5 * second, 3_600 * second)


def test_a_file_of_another_source_does_not_follow(folder):
    """Each SBC rotates its own files."""
    second, now = 1_000_000_000, 1_000_000
    put(folder, "old.json", changed=now - 100)
    put(folder, "new.csv", source="sbc2", changed=now)
    files = find_files(folder, [SBC1, SBC2])
    assert not is_finished(files[0], files, now * second, 5 * second, 3_600 * second)


def test_a_finished_file_is_kept(folder):
    """In `done`, under its name; a second one of that name under its identity too."""
    for content in (b"one\n", b"two\n"):
        put(folder, "cdr.json", content)
        archive(only(folder), "sbc1/cdr.json@1a-ff")
    assert {"cdr.json", "cdr.json@1a-ff"} == {path.name for path in (folder / "sbc1" / DONE).iterdir()}
    assert [] == find_files(folder, [SBC1])


def found_file(folder) -> FoundFile:
    put(folder, "cdr.json")
    return only(folder)


def test_an_unknown_file_is_named_after_itself(folder):
    """Source, name, identity."""
    assert "sbc1/cdr.json@1a-ff" == KnownFiles({}).partition(found_file(folder), "1a-ff")


def test_a_known_file_keeps_the_name_it_had(folder):
    """It was rotated since."""
    marks = {"cdr.leg-0<sbc1/cdr.json.0@1a-ff": 7, "cdr.leg-1<sbc1/cdr.json.0@1a-ff": 7, "cdr.leg-0<cdr.raw.x-0": 3}
    assert "sbc1/cdr.json.0@1a-ff" == KnownFiles(marks).partition(found_file(folder), "1a-ff")


def test_a_file_of_another_source_is_another_file(folder):
    """Even with the same identity."""
    marks = {"cdr.leg-0<sbc2/cdr.json.0@1a-ff": 7}
    assert "sbc1/cdr.json@1a-ff" == KnownFiles(marks).partition(found_file(folder), "1a-ff")


def test_a_rolled_back_file_is_a_new_partition(folder):
    """Each roll-back counts one up, whatever generation was loaded last."""
    loaded = "sbc1/cdr.json@1a-ff"
    for count, name in ((1, f"{loaded}~1"), (2, f"{loaded}~2")):
        marks = {f"cdr.leg-0<{loaded}": 7, f"cdr.leg-0<{loaded}~1": 7, roll_back_mark(loaded): count}
        assert name == KnownFiles(marks).partition(found_file(folder), "1a-ff")


def test_a_file_is_read_on_behind_the_partition_that_is_furthest_behind():
    """Killed between two commits, one partition of the ledger has line 9, the other line 4."""
    marks = {"cdr.leg-0<sbc1/x@1": 9, "cdr.leg-1<sbc1/x@1": 4, "cdr.leg-0<sbc1/y@2": 9}
    known = KnownFiles(marks)
    assert [4, None, None] == [known.line_read(name, 2) for name in ("sbc1/x@1", "sbc1/y@2", "sbc1/z@3")]


def test_generations():
    """0 for the first load; the mark is the same for all of them."""
    assert [0, 3] == [generation(name) for name in ("sbc1/cdr.json@1a-ff", "sbc1/cdr.json@1a-ff~3")]
    assert roll_back_mark("sbc1/x@1~2") == roll_back_mark("sbc1/x@1")
    assert is_roll_back(roll_back_mark("sbc1/x@1"))
    assert not is_roll_back("cdr.leg-0<sbc1/x@1")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("day-1 (copy).csv", "day-1 (copy).csv"),
        ("Größe.csv", "Größe.csv"),
        ("a@b:1:2@.csv", "a@b:1:2@.csv"),
        ("day~1.csv", "day%7E1.csv"),
        ("day.csv~", "day.csv%7E"),
        ("50%.csv", "50%25.csv"),
        ("evil\x1b[31m\n=1+1.csv", "evil%1B[31m%0A=1+1.csv"),
        ("gpj\u202e.csv", "gpj%E2%80%AE.csv"),
        ("\udcff.csv", "%FF.csv"),
        ("\udce9t\udce9.csv", "%E9t%E9.csv"),
    ],
)
def test_names_that_somebody_else_chose(folder, name, shown):
    """A partition holds them printable, in UTF-8 and without a sign of its own; the file keeps its name on disk."""
    put(folder, name)
    found = only(folder)
    known = KnownFiles({})
    partition = known.partition(found, "7-abc")
    assert f"sbc1/{shown}@7-abc" == partition
    assert 0 == generation(partition)
    assert partition.encode().decode() == partition
    again = KnownFiles({f"cdr.leg-0<{partition}": 5})
    assert partition == again.partition(found._replace(path=found.path.with_name("renamed.csv")), "7-abc")
    rolled_back = KnownFiles({f"cdr.leg-0<{partition}": 5, roll_back_mark(partition): 2})
    assert f"{partition}~2" == rolled_back.partition(found, "7-abc")
    assert name == archive(found, partition).name


def test_a_long_name_is_archived_twice(folder):
    """The second file of a name of 255 bytes cannot have more behind its name, so its identity is its name."""
    name = "x" * 251 + ".csv"
    for _ in range(2):
        put(folder, name)
        kept = archive(only(folder), f"sbc1/{name}@7-abc")
    assert "7-abc" == kept.name
    assert [] == find_files(folder, [SBC1])


def test_a_folder_with_a_hostile_name_is_reported_printable(folder):
    """Of a folder without a source."""
    (folder / "a\x1b[2J").mkdir()
    assert ["a%1B[2J"] == unknown_folders(folder, [SBC1])
