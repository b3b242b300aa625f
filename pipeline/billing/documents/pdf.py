"""The PDF of a document, by typst: the same document gives the same bytes on every machine that has the same fonts."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import cast

import typst

from pipeline.billing.document import InvoiceDocument
from pipeline.billing.documents.view import view_of
from pipeline.billing.settings import InvoiceSettings
from pipeline.shipped import DATA

FONTS = DATA / "fonts"
_TEMPLATE = Path(__file__).parent / "invoice.typ"


@cache
def _compiler(font_path: Path | None) -> typst.Compiler:
    """One compiler for each process: reading the fonts takes longer than setting a page."""
    folders = [str(FONTS), *([] if font_path is None else [str(font_path)])]
    return typst.Compiler(str(_TEMPLATE), font_paths=folders)


def render_pdf(document: InvoiceDocument, settings: InvoiceSettings, calls: Sequence[Sequence[str]] = ()) -> bytes:
    """Set the pages. Their date is the document's own; no clock is read. Tags would make three times as many bytes."""
    view = json.dumps(view_of(document, settings.paper, calls), ensure_ascii=False)
    midnight = datetime.combine(document.issued_on, datetime.min.time(), UTC)
    pdf = _compiler(settings.font_path).compile(
        sys_inputs={"document": view}, format="pdf", timestamp=int(midnight.timestamp()), pdf_tags=False
    )
    return cast("bytes", pdf)
