"""The plainest FastAPI endpoint: a pydantic body in, a pydantic body out, nothing looked up."""

import base64
import json
from pathlib import Path

from fastapi import FastAPI
from pydantic import BaseModel


class Properties(BaseModel):
    """The features."""

    mood: str = "fun"
    head_shape: str | None = None
    skin_tone: str | None = None
    smile_type: str | None = None
    nose_type: str | None = None
    eye_color: str | None = None
    glasses: bool = False


class Query(BaseModel):
    """What is asked."""

    properties: Properties
    disable_cache: bool = False


class Data(BaseModel):
    """The face."""

    image_hash: str
    image_url: str


class Answer(BaseModel):
    """What is answered."""

    data: Data
    cache_hit: bool
    prompt: str
    provisional: bool
    cost_usd: float


def plain(reply: Path) -> FastAPI:
    """Answers every query with the data of the reply in that file."""
    answer = Answer.model_validate_json(base64.b64decode(json.loads(reply.read_text())["body"]))
    app = FastAPI()

    @app.get("/up")
    async def up() -> None:
        pass

    @app.post("/query")
    async def query(query: Query) -> Answer:  # noqa: ARG001 - read, and not used: that is what is measured
        return answer

    return app
