"""Fuzzes the parser of one format: `python -m tests.mediation.fuzz_format NAME [options of libFuzzer]`.

atheris starts from the good records of the format and follows what reaches new lines of `pipeline.mediation`.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["pipeline.mediation"]):
    from tests.mediation.records import GOOD, GoodFeed
    from tests.mediation.soundness import WORDS, problem

RECORD_BYTES_MAX = 70_000
WORD_BYTES_MAX = 64
"""A longer word is no entry of libFuzzer's dictionary."""


class Unsound(Exception):
    """Says what is wrong with the way a record was read."""


def fuzz(name: str, options: list[str]) -> None:
    """Give the parser one damaged record after another. Ends the process: with 0 if nothing was found."""
    feed = GOOD[name]

    def read(value: bytes) -> None:
        if wrong := problem(value, feed.source):
            raise Unsound(f"{wrong}\n  {value!r}")

    with tempfile.TemporaryDirectory(prefix="trunkline-fuzz-") as temporary:
        inputs = _inputs(Path(temporary), feed)
        atheris.Setup([name, f"-max_len={RECORD_BYTES_MAX}", "-print_final_stats=1", *options, *inputs], read)
        atheris.Fuzz()


def _inputs(folder: Path, feed: GoodFeed) -> list[str]:
    """The good records, and the words that parsers stumble over, where libFuzzer looks for them."""
    corpus, words = folder / "corpus", folder / "words"
    corpus.mkdir()
    for number, value in enumerate(feed.values):
        (corpus / str(number)).write_bytes(value)
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in WORDS if 0 < len(word) <= WORD_BYTES_MAX))
    return [f"-dict={words}", str(corpus)]


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02X}" for byte in word)


if __name__ == "__main__":
    fuzz(sys.argv[1], sys.argv[2:])
