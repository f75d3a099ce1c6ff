"""The bench: the options of a run, and the resources that several parts share."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from benchmarks.catalogue import SMALL_PICTURE, all_faces, fill

SERVICE: Final = {"OPENAI_API_KEY": "sk-benchmark", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
"""The provider is the model, as in production. No server listens at its URL, because a hit makes no call."""

ALL_KNOWN_S: Final = 8
"""How long a service takes after its start to know which faces are stored, and so which are not."""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """``seconds`` is a round's duration, ``rows`` the large table's size, ``requests`` those of the memory part."""

    rounds: int
    seconds: int
    rows: int
    requests: int
    folder: Path

    @cached_property
    def catalogue(self) -> dict[str, str]:
        """The environment of a service with every face of the catalogue in its SQLite database."""
        address = f"sqlite:///{self.folder / 'catalogue.db'}"
        fill(address, all_faces(), shared=SMALL_PICTURE)
        return {**SERVICE, "DB_STRING": address}
