"""The PDF of a document, by typst: the same document gives the same bytes on every machine that has the same fonts."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Literal, cast

import typst

from pipeline.billing.document import InvoiceDocument
from pipeline.billing.documents.view import view_of
from pipeline.billing.settings import InvoiceSettings
from pipeline.shipped import DATA

FONTS = DATA / "fonts"
_LAST_OF_SOURCE_SANS = "\u052f"
"""Latin, Greek and Cyrillic end here; what lies beyond may need another font."""

_NOT_SHOWN = re.compile(r'the text `"(.+)"` could not be displayed')
_FOLDER = Path(__file__).parent
_MAIN = '#import "/invoice.typ": invoice\n#invoice(json(bytes(%s)))'


@cache
def _compiler(font_path: Path | None) -> typst.Compiler:
    """One compiler for each process: reading the fonts takes longer than setting a page.

    It remembers the words that it set while its inputs stay the same; so a document is a part of what it compiles.
    """
    folders = [str(FONTS), *([] if font_path is None else [str(font_path)])]
    return typst.Compiler(root=str(_FOLDER), font_paths=folders)


def render_pdf(document: InvoiceDocument, settings: InvoiceSettings, calls: Sequence[Sequence[str]] = ()) -> bytes:
    """Set the pages. Their date is the document's own; no clock is read. Tags would make three times as many bytes."""
    return _set(document, settings, calls)


def unprintable(document: InvoiceDocument, settings: InvoiceSettings) -> str | None:
    """The first text of a document that no font has: its page would show an empty box. None if all of it is shown.

    The typesetter says so only when it makes PDF/A, which may hold no such box.
    """
    if max(document.model_dump_json()) <= _LAST_OF_SOURCE_SANS:
        return None
    try:
        _set(document, settings, standard="a-2b")
    except typst.TypstError as error:
        if found := _NOT_SHOWN.search(str(error)):
            return found[1]
        raise
    return None


def _set(
    document: InvoiceDocument, settings: InvoiceSettings, calls: Sequence[Sequence[str]] = (),
    standard: Literal["a-2b"] | None = None,
) -> bytes:  # fmt: skip
    view = json.dumps(view_of(document, settings.paper, calls), ensure_ascii=False)
    midnight = datetime.combine(document.issued_on, datetime.min.time(), UTC)
    page = _MAIN % json.dumps(view, ensure_ascii=False)
    pdf = _compiler(settings.font_path).compile(
        page.encode(), format="pdf", timestamp=int(midnight.timestamp()), pdf_tags=False, pdf_standards=standard
    )
    return cast("bytes", pdf)
