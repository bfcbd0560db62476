"""Runs migrations on the connection it is given, in its transaction; `storage.migrate` calls it."""

from alembic import context

from ordering_adapters.storage.schema import VERSION_TABLE, metadata


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
