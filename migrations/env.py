"""Alembic's door into the database: the connection is given by ``Database.upgrade``."""

from alembic import context

from survey_app.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_server_default=True,
    transactional_ddl=True,
)
context.run_migrations()
