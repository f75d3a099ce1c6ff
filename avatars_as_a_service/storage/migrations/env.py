"""Runs the migrations on the connection that ``schema`` hands in."""

from alembic import context

from avatars_as_a_service.storage.migrations import resumption  # noqa: F401 - Alembic finds its classes
from avatars_as_a_service.storage.tables import metadata


def _is_ours(_item: object, _name: str | None, kind: str, reflected: bool, compared: object) -> bool:  # noqa: FBT001 - alembic's signature
    """Whether Alembic compares this item: it ignores other applications' tables in the same database."""
    return not (kind == "table" and reflected and compared is None)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=context.config.attributes["version_table"],
    include_object=_is_ours,
)
with context.begin_transaction():
    context.run_migrations()
