"""Pages of a listing: which rows, and how many there are in all."""

from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from pipeline.registry.shapes.base import PageInfo

Found = TypeVar("Found")


class Paging(NamedTuple):
    """Page `page`, counted from 0, of `size` rows."""

    page: int = 0
    size: int = 20

    def info(self, total: int) -> PageInfo:
        """What an answer says about its page."""
        pages = (total + self.size - 1) // self.size
        return PageInfo(page=self.page, size=self.size, total_pages=pages, total_results=total)


def page_of(session: Session, query: Select[Found], order: tuple[Any, ...], paging: Paging) -> tuple[
    list[Found], PageInfo
]:  # fmt: skip
    """The rows of one page in an order that is total, and the page's place among all."""
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = session.scalars(query.order_by(*order).offset(paging.page * paging.size).limit(paging.size))
    return list(rows), paging.info(total)
