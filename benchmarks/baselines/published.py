"""The published design, written anew from its description: a sync session as a dependency, an ORM query per request.

Its own key is Python's salted ``hash()``, under which nothing is found again after a restart; this one has no salt, so
that it gets its hits. Its model is replaced by one that draws at once.
"""

import base64
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from benchmarks.baselines.plain import Query


class Base(DeclarativeBase):
    """The tables."""


class Avatar(Base):
    """A face and where its picture is."""

    __tablename__ = "avatars"

    id: Mapped[int] = mapped_column(primary_key=True)
    features_hash: Mapped[str] = mapped_column(index=True)
    url: Mapped[str]
    prompt: Mapped[str]


def published(reply: Path, database: Path) -> FastAPI:
    """Keeps in that database what it was asked for; what it answers is as long as the reply in that file."""
    drawn: dict[str, Any] = json.loads(base64.b64decode(json.loads(reply.read_text())["body"]))
    engine = create_engine(f"sqlite:///{database}")
    Base.metadata.create_all(engine)
    sessions = sessionmaker(engine)
    app = FastAPI()

    def session() -> Iterator[Session]:
        with sessions() as opened:
            yield opened

    @app.get("/up")
    async def up() -> None:
        pass

    @app.post("/query")
    def query(query: Query, session: Annotated[Session, Depends(session)]) -> dict[str, Any]:
        key = sha256(query.properties.model_dump_json().encode()).hexdigest()[:32]
        avatar = session.query(Avatar).filter(Avatar.features_hash == key).first()
        hit = avatar is not None
        if avatar is None:
            avatar = Avatar(features_hash=key, url=drawn["data"]["image_url"], prompt=drawn["prompt"])
            session.add(avatar)
            session.commit()
        return {
            "data": {"image_hash": avatar.features_hash, "image_url": avatar.url},
            "cache_hit": hit,
            "prompt": avatar.prompt,
            "provisional": False,
            "cost_usd": 0,
        }

    return app
