"""The registry of the settings, opened: its database with the tables as this version needs them."""

from pipeline.registry.database import Database
from pipeline.registry.store.desk import Registry
from pipeline.settings import Settings

DEFAULT_URL = "sqlite:///var/registry.db"


def open_database(url: str) -> Database:
    """A database, migrated. Raises sqlalchemy.exc.SQLAlchemyError where it cannot be reached."""
    database = Database(url)
    database.migrate()
    return database


def open_registry(settings: Settings) -> Registry:
    """The registry of the settings, by default in a SQLite file."""
    return Registry(open_database(settings.registry_url or DEFAULT_URL), settings.registry)
