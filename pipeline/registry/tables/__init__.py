"""What the registry keeps: typed rows whose constraints are the product's rules, on SQLite and on PostgreSQL.

Tables of what is (`trunks`, `service_addresses`, `call_routes`) carry the constraints; tables of what was
(`trunk_versions`, `service_address_versions`, `audit_log`) are only ever added to, which triggers enforce.
"""

from pipeline.registry.tables.accounts import AccountRow, KeyRow, ShareRow
from pipeline.registry.tables.addresses import AddressRow, AddressVersionRow
from pipeline.registry.tables.base import Row
from pipeline.registry.tables.changes import AuditRow, OutboxRow
from pipeline.registry.tables.routes import RouteRow
from pipeline.registry.tables.trunks import IdentityOwnerRow, TrunkIdentityRow, TrunkRow, TrunkVersionRow

__all__ = [
    "AccountRow",
    "AddressRow",
    "AddressVersionRow",
    "AuditRow",
    "IdentityOwnerRow",
    "KeyRow",
    "OutboxRow",
    "RouteRow",
    "Row",
    "ShareRow",
    "TrunkIdentityRow",
    "TrunkRow",
    "TrunkVersionRow",
]
