"""Run the steps on the connection that `Database.migrate` opened, inside its transaction."""

from alembic import context

from pipeline.registry.tables import Row

context.configure(connection=context.config.attributes["connection"], target_metadata=Row.metadata)
with context.begin_transaction():
    context.run_migrations()
