"""Triggers for the rules that a constraint cannot say: fixed for life, and only ever added to.

SQLite raises in the trigger itself, PostgreSQL in a function of the registry's own.
"""

from collections.abc import Iterator, Mapping, Sequence

POSTGRES_FUNCTION = (
    "CREATE FUNCTION registry_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation'; END $$"
)


def guards(dialect: str, fixed: Mapping[str, Sequence[str]], added_to: Sequence[str]) -> Iterator[str]:
    """Statements that fix columns of tables for life, and refuse updates and deletes of others."""
    if dialect == "postgresql":
        yield POSTGRES_FUNCTION
    for table, columns in fixed.items():
        changed = " OR ".join(f"OLD.{column} {_differs(dialect)} NEW.{column}" for column in columns)
        head = f"CREATE TRIGGER {table}_fixed BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({changed})"
        yield f"{head} {_refuse(dialect, table + ': ' + ', '.join(columns) + ' are fixed for life')}"
    for table in added_to:
        for action in ("UPDATE", "DELETE"):
            head = f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} FOR EACH ROW"
            yield f"{head} {_refuse(dialect, f'{table} is only added to')}"


def _differs(dialect: str) -> str:
    return "IS DISTINCT FROM" if dialect == "postgresql" else "IS NOT"


def _refuse(dialect: str, message: str) -> str:
    if dialect == "postgresql":
        return f"EXECUTE FUNCTION registry_refuse('{message}')"
    return f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
