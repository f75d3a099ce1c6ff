"""Gauges: how full the queues, pools and caches of a process are at this moment."""

from avatars_as_a_service.cache.memory import MemoryCache
from avatars_as_a_service.concurrency.bounded_queue import BoundedQueue
from avatars_as_a_service.concurrency.circuit_breaker import CircuitBreaker
from avatars_as_a_service.concurrency.single_flight import SingleFlight
from avatars_as_a_service.domain.query import Answer
from avatars_as_a_service.faces.results import ResultWriter
from avatars_as_a_service.metrics.exporter import GaugeSource
from avatars_as_a_service.storage.database import Database


def gauge_sources(
    *,
    queue: BoundedQueue,
    breaker: CircuitBreaker,
    memory: MemoryCache,
    results: ResultWriter,
    drawings: SingleFlight[Answer],
    database: Database,
) -> tuple[GaugeSource, ...]:
    """Return the gauges of these parts; ``queue`` is the one in front of the provider."""
    return (
        GaugeSource("avatars_drawings_in_progress", "Drawings that are queued or under way.", lambda: len(drawings)),
        GaugeSource("avatars_queue_waiting", "Drawings that wait for a call to the provider.", lambda: queue.waiting),
        GaugeSource("avatars_provider_calls_in_progress", "Calls at the provider.", lambda: queue.running),
        GaugeSource(
            "avatars_provider_paused",
            "Processes that pause calls to the provider.",
            lambda: breaker.state != "ok",
        ),
        GaugeSource(
            "avatars_database_connections", "Database connections in use.", lambda: database.connections_in_use
        ),
        GaugeSource("avatars_database_waiting", "Requests that wait for a connection.", lambda: database.waiting),
        GaugeSource("avatars_memory_faces", "Faces in memory.", lambda: memory.size.faces),
        GaugeSource("avatars_memory_pictures", "Pictures in memory.", lambda: memory.size.pictures),
        GaugeSource(
            "avatars_memory_picture_bytes", "Bytes of the pictures in memory.", lambda: memory.size.picture_bytes
        ),
        GaugeSource("avatars_pictures_unkept", "Paid pictures that wait to be stored.", lambda: results.waiting),
    )
