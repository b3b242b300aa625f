"""What the provider's staff ask for and get: accounts, keys, imports. An API of our own."""

from typing import Annotated, Any, Literal

from pydantic import Field

from pipeline.registry.rules.text import ShortText
from pipeline.registry.shapes.base import Shape
from pipeline.registry.shapes.trunks import AdminStatus

ENTRIES_MAX = 1_000


class AccountChange(Shape):
    """Plans of an account's new trunks, and how many trunks it may have. What is absent stays as it is."""

    metered_plan: ShortText | None = None
    unlimited_plan: ShortText | None = None
    trunk_limit: Annotated[int | None, Field(ge=1, le=100_000)] = None


class Account(Shape):
    """An account of the registry; `trunks` are those that it has now."""

    account_id: str
    metered_plan: str
    unlimited_plan: str
    trunk_limit: int
    trunks: int


class TrunkStatusChange(Shape):
    """Whether a trunk may carry calls, as the provider has it."""

    admin_status: AdminStatus


class KeyRequest(Shape):
    """A key to be issued; without scopes it gets all that a customer's key may have."""

    name: ShortText
    scopes: Annotated[list[ShortText] | None, Field(min_length=1, max_length=20)] = None


class KeyShown(Shape):
    """A new key. Its text is in this answer only."""

    key_id: str
    account_id: str
    key: str


class Import(Shape):
    """A list of service addresses or SIP trunks, as GET of the API gives it."""

    results: Annotated[list[dict[str, Any]], Field(max_length=ENTRIES_MAX)]


class Imported(Shape):
    """What became of an entry: imported, there already, or refused with a reason."""

    kind: Literal["address", "trunk"]
    id: str
    name: str
    result: Literal["imported", "there already", "refused"]
    reason: str


class ImportResult(Shape):
    """What became of each entry, in the order of the list."""

    results: list[Imported]
