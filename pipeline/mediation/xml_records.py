"""XML of sources that nobody may trust: no document type, no entities, no external anything, bounded depth.

A tag with an unbound prefix (`<nolocal:req_uuid>`) would make expat refuse the whole document, so the colon is taken
out of tag names first (mediation.md R50).
"""

import re
from collections.abc import Callable
from typing import NamedTuple
from xml.parsers import expat

from pipeline.mediation.draft import Unreadable
from schemas.outcomes import RejectReason

DEPTH_MAX = 32
_PREFIXED_TAG = re.compile(r"(</?[A-Za-z_][\w.-]*):(?=[A-Za-z_])")
_OPENING = re.compile(r"(?:\s|<\?[^>]*\?>|<[A-Za-z_][^<>]*>)*\Z")
_CLOSING = re.compile(r"(?:\s|</?[A-Za-z_][^<>]*>|<\?[^>]*\?>)*\Z")


class Element(NamedTuple):
    """One element with a text, where it stands, and its attributes."""

    path: tuple[str, ...]
    """Names from the outermost element to this one."""
    text: str
    attributes: dict[str, str]


def is_wrapper(text: str, tag: str) -> bool:
    """Whether there is nothing but the tags around records: the beginning or the end of a file."""
    return _beginning(text, tag) is None and _CLOSING.match(text) is not None


def read_elements(text: str, tag: str) -> list[Element]:
    """The elements of the one `<tag>` document in the text, in their order. Raises Unreadable."""
    begin = _beginning(text, tag)
    end = text.rfind(f"</{tag}>")
    if begin is None or _OPENING.match(text[: begin.start()]) is None:
        raise Unreadable(RejectReason.UNKNOWN_LAYOUT, f"There is no <{tag}> element, expected one.")
    if end < begin.start():
        raise Unreadable(RejectReason.TRUNCATED, f"The element <{tag}> is not closed.")
    document = text[begin.start() : end + len(f"</{tag}>")]
    return _parse(_PREFIXED_TAG.sub(r"\1_", document))


def _beginning(text: str, tag: str) -> re.Match[str] | None:
    return re.search(rf"<{tag}[\s>/]", text)


def _parse(document: str) -> list[Element]:
    found: list[Element] = []
    open_names: list[str] = []
    texts: list[list[str]] = []
    attributes: list[dict[str, str]] = []

    def start(name: str, given: dict[str, str]) -> None:
        if len(open_names) >= DEPTH_MAX:
            raise Unreadable(RejectReason.TOO_LONG, f"Elements are nested deeper than {DEPTH_MAX}.")
        open_names.append(name)
        texts.append([])
        attributes.append(given)

    def end(_: str) -> None:
        found.append(Element(tuple(open_names), "".join(texts.pop()).strip(), attributes.pop()))
        open_names.pop()

    def text(content: str) -> None:
        if texts:
            texts[-1].append(content)

    _run(document, start, end, text)
    return found


def _run(
    document: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(document.encode("utf-8", errors="replace"), True)  # noqa: FBT003 - the library takes it so
    except expat.ExpatError as error:
        raise Unreadable(RejectReason.BAD_FIELD, f"The XML cannot be read: {error}.") from error


def _refuse_doctype(*_: object) -> None:
    raise Unreadable(
        RejectReason.BAD_FIELD, "The XML has a document type, which a CDR never has; entities are not read."
    )
