"""The tables. Every database compares keys byte for byte; money is in micro-dollars, times are in UTC."""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects import mysql

from avatars_as_a_service.storage.clock import UtcDateTime

PAYER_LENGTH: Final = 40
"""The longest name of an API key."""
_MYSQL: Final[dict[str, Any]] = {"mysql_charset": "utf8mb4", "mysql_engine": "InnoDB"}

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)


_ASCII_TEXT: Final = mysql.TEXT(charset="ascii", collation="ascii_bin")


def _key(length: int) -> String:
    exact = mysql.VARCHAR(length, charset="ascii", collation="ascii_bin")
    return String(length).with_variant(exact, "mysql", "mariadb")


images = Table(
    "images",
    metadata,
    Column("digest", _key(64), primary_key=True),
    Column("format", String(8), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("data", LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql", "mariadb")),
    Column("created_at", UtcDateTime, nullable=False),
    **_MYSQL,
)

renditions = Table(
    "renditions",
    metadata,
    Column("original", _key(64), ForeignKey(images.c.digest), primary_key=True),
    Column("format", _key(8), primary_key=True),
    Column("size", SmallInteger, primary_key=True),
    Column("digest", _key(64), ForeignKey(images.c.digest), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "digest"),
    **_MYSQL,
)

avatars = Table(
    "avatars",
    metadata,
    Column("image_hash", _key(32), primary_key=True),
    Column("digest", _key(64), ForeignKey(images.c.digest), nullable=False),
    Column("mood", String(16), nullable=False),
    Column("head_shape", String(16)),
    Column("skin_tone", String(16)),
    Column("smile_type", String(16)),
    Column("nose_type", String(16)),
    Column("eye_color", String(16)),
    Column("glasses", Boolean, nullable=False),
    Column("variant", SmallInteger, nullable=False),
    Column("edition", String(50), nullable=False),
    Column("artist", String(16), nullable=False),
    Column("prompt", Text, nullable=False),
    Column("prompt_version", Integer, nullable=False),
    Column("provider", String(32), nullable=False),
    Column("model", String(100), nullable=False),
    Column("quality", String(20), nullable=False),
    Column("cost_micro_usd", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("features", Text().with_variant(_ASCII_TEXT, "mysql", "mariadb")),
    Index(None, "created_at"),
    Index(None, "digest"),
    **_MYSQL,
)
"""``features`` has all features as JSON; a feature that came after the first release has no column of its own.

Versions before that column leave it empty, and read and write the columns of the first seven features.
"""

claims = Table(
    "claims",
    metadata,
    Column("subject", _key(32), primary_key=True),
    Column("owner", String(100), nullable=False),
    Column("fence", _key(32), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    **_MYSQL,
)

paid_calls = Table(
    "paid_calls",
    metadata,
    Column("id", _key(32), primary_key=True),
    Column("subject", _key(32)),
    Column("payer", _key(PAYER_LENGTH)),
    Column("provider", String(32), nullable=False),
    Column("model", String(100), nullable=False),
    Column("state", String(10), nullable=False),
    Column("bound_micro_usd", BigInteger, nullable=False),
    Column("cost_micro_usd", BigInteger, nullable=False),
    Column("day", _key(16), nullable=False),
    Column("month", _key(16), nullable=False),
    Column("request_id", String(200)),
    Column("outcome", String(50)),
    Column("duration_ms", Integer),
    Column("reserved_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("owner", String(100)),
    Column("expires_at", UtcDateTime),
    Index(None, "state", "reserved_at"),
    **_MYSQL,
)

budgets = Table(
    "budgets",
    metadata,
    Column("name", _key(64), primary_key=True),
    Column("reserved_micro_usd", BigInteger, nullable=False),
    Column("spent_micro_usd", BigInteger, nullable=False),
    **_MYSQL,
)

refusals = Table(
    "refusals",
    metadata,
    Column("subject", _key(32), primary_key=True),
    Column("code", String(50), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("refused_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    **_MYSQL,
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("subject", _key(32), primary_key=True),
    Column("body_hash", _key(64), nullable=False),
    Column("answer", Text, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index(None, "expires_at"),
    **_MYSQL,
)

generation = Table(
    "generation",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    **_MYSQL,
)

hourly_sums = Table(
    "hourly_sums",
    metadata,
    Column("hour", UtcDateTime, primary_key=True),
    Column("hits", BigInteger, nullable=False),
    Column("misses", BigInteger, nullable=False),
    Column("stand_ins", BigInteger, nullable=False),
    Column("saved_micro_usd", BigInteger, nullable=False),
    **_MYSQL,
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("name", _key(PAYER_LENGTH), primary_key=True),
    Column("hash", _key(64), nullable=False),
    Column("daily_micro_usd", BigInteger),
    Column("monthly_micro_usd", BigInteger),
    Column("per_minute", Integer),
    Column("origins", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    **_MYSQL,
)

descriptions = Table(
    "descriptions",
    metadata,
    Column("digest", _key(64), primary_key=True),
    Column("drawn_at", UtcDateTime, nullable=False),
    Index(None, "drawn_at"),
    **_MYSQL,
)

gone = Table(
    "gone",
    metadata,
    Column("digest", _key(64), primary_key=True),
    Column("generation", BigInteger, nullable=False),
    Column("gone_at", UtcDateTime, nullable=False),
    Index(None, "generation"),
    **_MYSQL,
)
