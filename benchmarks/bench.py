"""The bench: how long to measure, and what several parts measure with."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from benchmarks.catalogue import SMALL_PICTURE, all_faces, fill

SERVICE: Final = {"OPENAI_API_KEY": "sk-benchmark", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
"""The model is the provider, as in real life; nobody listens there, for a hit calls nobody."""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """``seconds`` is how long a round lasts; ``rows`` is the large table; ``requests`` are those of the memory part."""

    rounds: int
    seconds: int
    rows: int
    requests: int
    folder: Path

    @cached_property
    def catalogue(self) -> dict[str, str]:
        """The environment of a service whose SQLite database has every face of the catalogue."""
        address = f"sqlite:///{self.folder / 'catalogue.db'}"
        fill(address, all_faces(), shared=SMALL_PICTURE)
        return {**SERVICE, "DB_STRING": address}
