"""Levels: how full the parts of a process are at this moment."""

from collections.abc import Callable
from dataclasses import dataclass

from avatars_as_a_service.service.breaker import Breaker
from avatars_as_a_service.service.conversation import Answer
from avatars_as_a_service.service.flights import Flights
from avatars_as_a_service.service.keeper import Keeper
from avatars_as_a_service.service.line import Line
from avatars_as_a_service.service.memory import Memory
from avatars_as_a_service.storage.database import Database


@dataclass(frozen=True, slots=True)
class Level:
    """A figure that goes up and down; over all processes it is their sum."""

    name: str
    meaning: str
    read: Callable[[], float]


def levels(
    *,
    line: Line,
    breaker: Breaker,
    memory: Memory,
    keeper: Keeper,
    flights: Flights[Answer],
    database: Database,
) -> tuple[Level, ...]:
    """The levels of a process's parts."""
    return (
        Level("avatars_drawings_in_progress", "Drawings that somebody waits for.", lambda: len(flights)),
        Level("avatars_queue_waiting", "Drawings that wait for their turn at the provider.", lambda: line.waiting),
        Level("avatars_provider_calls_in_progress", "Calls at the provider.", lambda: line.taken),
        Level(
            "avatars_provider_paused", "Processes that leave the provider alone.", lambda: float(breaker.state != "ok")
        ),
        Level("avatars_database_connections", "Database connections in use.", lambda: database.connections_in_use),
        Level("avatars_database_waiting", "Requests that wait for a connection.", lambda: database.waiting),
        Level("avatars_memory_faces", "Faces in memory.", lambda: memory.size.faces),
        Level("avatars_memory_pictures", "Pictures in memory.", lambda: memory.size.pictures),
        Level("avatars_memory_picture_bytes", "Bytes of the pictures in memory.", lambda: memory.size.picture_bytes),
        Level("avatars_pictures_unkept", "Paid pictures that wait for a place to be kept.", lambda: keeper.waiting),
    )
