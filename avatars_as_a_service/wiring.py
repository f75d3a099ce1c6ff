"""Builds each part of the service once, from the settings, and hands it to the parts that need it."""

import gc
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import structlog
from prometheus_client import CollectorRegistry
from sqlalchemy import URL
from starlette.types import ASGIApp

from avatars_as_a_service.access.admission import Admission, AdmissionPolicy
from avatars_as_a_service.access.api_key_cache import ApiKeyCache, hash_of
from avatars_as_a_service.access.guess_limits import GuessLimits
from avatars_as_a_service.access.known_hosts import KnownHosts
from avatars_as_a_service.access.rate_limits import Counters, MemoryCounters, RateLimiter
from avatars_as_a_service.cache.memory import MemoryCache
from avatars_as_a_service.cache.sync import CacheSync
from avatars_as_a_service.concurrency.bounded_queue import BoundedQueue
from avatars_as_a_service.concurrency.circuit_breaker import CircuitBreaker
from avatars_as_a_service.concurrency.fair_queue import FairQueue
from avatars_as_a_service.concurrency.parent_process import watched_parent
from avatars_as_a_service.concurrency.single_flight import SingleFlight
from avatars_as_a_service.domain.features import full_faces
from avatars_as_a_service.domain.key import Artist
from avatars_as_a_service.domain.money import micro_usd
from avatars_as_a_service.domain.picture import SIZES, PictureFormat
from avatars_as_a_service.domain.pricing import (
    BadPrices,
    FixedTariff,
    Prices,
    Tariff,
    parsed_prices,
    published_prices,
    token_tariff,
)
from avatars_as_a_service.domain.prompt import prompt_for
from avatars_as_a_service.domain.query import Answer
from avatars_as_a_service.faces.budget_alerts import BudgetAlerts
from avatars_as_a_service.faces.embeds import Embeds, GravatarPolicy
from avatars_as_a_service.faces.failure_cache import FailureCache
from avatars_as_a_service.faces.leases import Leases
from avatars_as_a_service.faces.listing import FaceListing
from avatars_as_a_service.faces.paid_calls import PaidCalls, RetryPolicy
from avatars_as_a_service.faces.reservations import Reservations
from avatars_as_a_service.faces.results import ResultWriter
from avatars_as_a_service.faces.service import FacePolicy, FaceService
from avatars_as_a_service.faces.states import FaceStates
from avatars_as_a_service.imaging.render_pool import RenderPool
from avatars_as_a_service.logs import configure_logs
from avatars_as_a_service.metrics.answer_counts import AnswerCounts
from avatars_as_a_service.metrics.exporter import CallMetrics, Metrics
from avatars_as_a_service.metrics.request_stats import RequestStats
from avatars_as_a_service.operations.background_tasks import BackgroundTasks
from avatars_as_a_service.operations.dashboard_report import DashboardReports
from avatars_as_a_service.operations.file_watch import FileWatch
from avatars_as_a_service.operations.gauges import gauge_sources
from avatars_as_a_service.operations.readiness import Readiness
from avatars_as_a_service.operations.shutdown import Shutdown
from avatars_as_a_service.operations.start_checks import StartChecks
from avatars_as_a_service.operations.stats import StatsReader
from avatars_as_a_service.pictures.purge import Purger
from avatars_as_a_service.pictures.reader import PictureReader
from avatars_as_a_service.pictures.rendition_service import RenditionService
from avatars_as_a_service.pictures.spool_purge import SpoolPurger
from avatars_as_a_service.providers.base import ImageClient, Provider, ProviderInfo
from avatars_as_a_service.providers.deferred import DeferredProvider
from avatars_as_a_service.providers.local import LocalProvider
from avatars_as_a_service.providers.parameters import size_problem, size_to_send, style
from avatars_as_a_service.settings import Gravatar, Settings, WrongSetting, load_settings, variable
from avatars_as_a_service.storage import avatars
from avatars_as_a_service.storage.api_keys import ApiKey
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.database_url import database_url, is_in_memory
from avatars_as_a_service.storage.ledger import GRAVATAR_PAYER, Caps, Payer
from avatars_as_a_service.storage.picture_store import DatabasePictureStore, ObjectPictureStore, PictureStore
from avatars_as_a_service.storage.spool import Spool
from avatars_as_a_service.storage.spool_index import SpoolIndex
from avatars_as_a_service.web.app import Services, Site, create_app
from avatars_as_a_service.web.routes.pages_routes import Pages
from avatars_as_a_service.web.urls import PictureUrls

if TYPE_CHECKING:
    from avatars_as_a_service.storage.object_store import ObjectStore

log = structlog.get_logger(__name__)

_MB: Final = 2**20
_GC_THRESHOLD: Final = 10_000
"""New objects between two searches for cycles. With Python's own 700, they take a tenth of a hit from the database."""
_REPLIES_SHARE: Final = 16
"""Finished replies to ``/avatar`` get one byte in so many of the memory for pictures."""
_FIRST_DRAWING_S: Final = 10.0
_FIRST_RENDITION_S: Final = 0.1
_RECEIPT_GRACE: Final = timedelta(minutes=2)
"""How long after its deadline a call may still be settled in the ledger before it counts as abandoned."""


def build_app() -> ASGIApp:
    """Configure this process and return its application. uvicorn calls this in each worker. Raises ``WrongSetting``."""
    configure_logs()
    gc.set_threshold(_GC_THRESHOLD)
    return assemble(load_settings())


def assemble(settings: Settings) -> ASGIApp:
    """Build the application with these settings. Raises ``WrongSetting``."""
    site = Site(
        urls=PictureUrls(
            public_url=settings.public_url,
            images_url=settings.image_base_url,
            default_format=PictureFormat(settings.default_format),
            default_size=_default_size(settings),
        ),
        signing_key=settings.signing_key.get_secret_value() if settings.signing_key else None,
        cors_origins=settings.cors_origins,
        log_every_nth_hit=settings.log_every_nth_hit,
        trusted_proxies=settings.trusted_proxies,
        allowed_hosts=settings.allowed_hosts,
        root_path=settings.root_path,
        admin_token=None if settings.admin_token is None else settings.admin_token.get_secret_value(),
        gravatar=_gravatar(settings),
        seed_variants=settings.variants_of_a_seed,
        replies_bytes=settings.pictures_in_memory_mb * _MB // _REPLIES_SHARE,
    )
    return create_app(Process.services(settings), site)


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """Starts and stops the parts of a process."""

    shutdown: Shutdown
    background_tasks: BackgroundTasks
    drawings: SingleFlight[Answer]
    renditions: RenditionService
    provider: Provider
    rate_limiter: RateLimiter
    database: Database

    @classmethod
    def services(cls, settings: Settings) -> Services:
        """Build all parts from the settings; none is started or connected yet."""
        database = open_database(settings)
        provider = provider_of(settings)
        memory = MemoryCache(faces=settings.faces_in_memory, picture_bytes=settings.pictures_in_memory_mb * _MB)
        owner = f"{socket.gethostname()[:60]}-{os.getpid()}-{secrets.token_hex(4)}"
        lease, heartbeat = timedelta(seconds=settings.lease_s), timedelta(seconds=settings.heartbeat_s)
        reservations = Reservations(database, owner=owner, lease=lease, heartbeat=heartbeat)
        leases = Leases(database, reservations, owner=owner, lease=lease, heartbeat=heartbeat)
        picture_store = _picture_store(settings, database)
        spool = Spool(settings.spool)
        spool_index = SpoolIndex(spool)
        results = ResultWriter(
            database=database, pictures=picture_store, spool=spool, index=spool_index, memory=memory, leases=leases
        )
        breaker = CircuitBreaker(pause_s=settings.breaker_pause_s, quota_pause_s=settings.quota_pause_s)
        answer_counts = AnswerCounts(database)
        drawings: SingleFlight[Answer] = SingleFlight()
        provider_queue = BoundedQueue(
            max_running=settings.provider_concurrency,
            max_waiting=settings.provider_queue,
            first_guess_s=_FIRST_DRAWING_S,
        )
        registry = CollectorRegistry()
        request_stats = RequestStats(registry)
        metrics = Metrics(
            registry,
            answer_counts=answer_counts,
            request_stats=request_stats,
            gauge_sources=gauge_sources(
                queue=provider_queue,
                breaker=breaker,
                memory=memory,
                results=results,
                drawings=drawings,
                database=database,
            ),
        )
        calls = CallMetrics(registry)
        alerts = BudgetAlerts(database, caps=_caps(settings), registry=registry)
        longest_call = timedelta(seconds=settings.provider_timeout_s) + _RECEIPT_GRACE
        purger = Purger(
            database=database,
            pictures=picture_store,
            spool=SpoolPurger(spool=spool, index=spool_index, database=database),
            memory=memory,
        )
        keep_days = settings.keep_descriptions_days
        cache_sync = CacheSync(database, memory)
        background_tasks = BackgroundTasks(
            database=database,
            provider=provider,
            leases=leases,
            reservations=reservations,
            results=results,
            cache_sync=cache_sync,
            answer_counts=answer_counts,
            metrics=metrics,
            calls=calls,
            alerts=alerts,
            purger=purger,
            start_checks=StartChecks(picture_store),
            file_watch=None if database.file is None else FileWatch(database, database.file, cache_sync),
            keep_descriptions=None if keep_days is None else timedelta(days=keep_days),
            longest_call=longest_call,
        )
        paid_calls = PaidCalls(
            provider=provider,
            tariff=tariff_of(settings),
            caps=_caps(settings),
            queue=provider_queue,
            breaker=breaker,
            policy=RetryPolicy(
                retry_wait_s=settings.retry_wait_s, cooldown_s=settings.rest_s, quota_pause_s=settings.quota_pause_s
            ),
            metrics=calls,
            reservations=reservations,
            alerts=alerts,
            has_unsaved=lambda: results.has_unsaved,
        )
        stats_reader = StatsReader(
            database=database,
            answer_counts=answer_counts,
            edition=settings.edition,
            caps=_caps(settings),
            provider=provider,
            breaker=breaker,
        )
        price = _face_price(tariff_of(settings))
        rate_limiter = RateLimiter(_counters(settings))
        guesses = partial(
            GuessLimits,
            own=RateLimiter(MemoryCounters()),
            shared=None if settings.redis_url is None else rate_limiter,
            workers=settings.workers,
        )
        admission = Admission(
            api_keys=ApiKeyCache(database, _configured_keys(settings)),
            rate_limiter=rate_limiter,
            guess_limits=guesses("API key"),
            policy=AdmissionPolicy(
                pays=provider.info.is_paid,
                private=settings.private,
                misses=settings.rate_limit or (),
                hits=settings.hit_rate_limit or (),
                known_hosts=_known_hosts(settings),
            ),
        )
        faces = FaceService(
            policy=_face_policy(settings),
            admission=admission,
            provider=provider,
            database=database,
            memory=memory,
            leases=leases,
            paid_calls=paid_calls,
            results=results,
            spooled=spool_index,
            failures=FailureCache(timedelta(seconds=settings.rest_s)),
            answer_counts=answer_counts,
            drawings=drawings,
        )
        renditions = RenditionService(
            reader=PictureReader(pictures=picture_store, memory=memory, spooled=spool_index, purger=purger),
            pictures=picture_store,
            database=database,
            memory=memory,
            pool=RenderPool(workers=settings.rendition_concurrency),
            queue=FairQueue(
                max_running=settings.rendition_concurrency,
                max_waiting=settings.rendition_queue,
                first_guess_s=_FIRST_RENDITION_S,
            ),
            default_size=settings.default_size,
        )
        shutdown = Shutdown(drawings=drawings, queue=provider_queue)
        process = cls(
            shutdown=shutdown,
            background_tasks=background_tasks,
            drawings=drawings,
            renditions=renditions,
            provider=provider,
            rate_limiter=rate_limiter,
            database=database,
        )
        return Services(
            faces=faces,
            renditions=renditions,
            embeds=Embeds(faces=faces, renditions=renditions, default_size=settings.default_size),
            admission=admission,
            token_guesses=guesses("admin token"),
            listing=FaceListing(database),
            states=FaceStates(
                database=database,
                memory=memory,
                spooled=spool_index,
                leases=leases,
                is_drawing=faces.is_drawing,
                is_stopping=lambda: drawings.draining,
            ),
            pages=Pages(provider=provider.info, price=price),
            purger=purger,
            stats_reader=stats_reader,
            dashboard_reports=DashboardReports(
                stats_reader=stats_reader,
                database=database,
                edition=settings.edition,
                artist=provider.info.artist,
                price=price,
            ),
            readiness=Readiness(database=database, tasks=background_tasks, drawings=drawings),
            metrics=metrics,
            request_stats=request_stats,
            database=database,
            running=process.running,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the background tasks; at the end finish and keep the drawings, then close every connection."""
        with watched_parent(self.shutdown.as_orphan):
            await self.background_tasks.start()
            try:
                with self.shutdown.at_signals():
                    yield
            finally:
                await self.drawings.drain()
                await self.renditions.close()
                await self.background_tasks.stop()
                await self.provider.close()
                await self.rate_limiter.close()
                self.database.close()


def url_of(settings: Settings) -> URL:
    """Return the database's URL. Raises ``WrongSetting``."""
    try:
        return database_url(settings.db_string.get_secret_value())
    except ValueError as invalid:
        raise WrongSetting(variable("db_string"), str(invalid)) from None


def open_database(settings: Settings) -> Database:
    """Return the database of the settings, without a connection yet. Raises ``WrongSetting``."""
    url = url_of(settings)
    if is_in_memory(url) and settings.workers > 1:
        raise WrongSetting(
            variable("db_string"), f"an SQLite database in memory serves one process; {variable('workers')} is more"
        )
    return Database(url, pool_size=settings.db_pool_size)


def check(settings: Settings) -> None:
    """Check the settings against each other. Raises ``WrongSetting``."""
    _default_size(settings)
    _gravatar(settings)
    tariff_of(settings)
    provider_of(settings)
    open_object_store(settings)
    open_database(settings).close()


def check_edition(settings: Settings) -> None:
    """Accept an edition in quotes only while faces of it are stored. Raises ``WrongSetting``, ``DatabaseUnavailable``.

    Under another edition, every face would be paid for again.
    """
    if not settings.has_quoted_edition:
        return
    name, database = variable("edition"), open_database(settings)
    try:
        is_used = database.read_now(partial(avatars.has_edition, edition=settings.edition))
    finally:
        database.close()
    if not is_used:
        raise WrongSetting(name, "is in quotes, which would be part of the edition; remove them")
    log.warning(
        "the quotes are part of the edition, which stays, since faces of it are kept; without the quotes, every face "
        "would be drawn again, and paid for",
        variable=name,
    )


def _default_size(settings: Settings) -> int:
    if settings.default_size not in SIZES:
        raise WrongSetting(variable("default_size"), f"must be one of {', '.join(map(str, SIZES))}")
    return settings.default_size


def _gravatar(settings: Settings) -> GravatarPolicy:
    """What Gravatar URLs may do. Their budget is counted as an API key's of that name, which no key may have then."""
    if settings.gravatar is not Gravatar.DRAW:
        return GravatarPolicy(is_on=settings.gravatar is Gravatar.SHOW)
    if settings.gravatar_daily_budget_usd is None:
        raise WrongSetting(variable("gravatar_daily_budget_usd"), f"must be set with {variable('gravatar')}=draw")
    if any(key.name == GRAVATAR_PAYER for key in settings.api_keys):
        raise gravatar_key_exists()
    caps = Caps(micro_usd(settings.gravatar_daily_budget_usd), None)
    return GravatarPolicy(is_on=True, payer=Payer(GRAVATAR_PAYER, caps))


def gravatar_key_exists() -> WrongSetting:
    """The error for an API key whose budget would be that of Gravatar URLs."""
    return WrongSetting(
        variable("gravatar"),
        f"draw counts its budget under the name {GRAVATAR_PAYER!r}, which an API key has; revoke or rename that key",
    )


def _picture_store(settings: Settings, database: Database) -> PictureStore:
    object_store = open_object_store(settings)
    return DatabasePictureStore(database) if object_store is None else ObjectPictureStore(database, object_store)


def open_object_store(settings: Settings) -> "ObjectStore | None":
    """Return the object store of the settings, ``None`` if the database keeps the pictures. Raises ``WrongSetting``."""
    if settings.image_store is None:
        return None
    from avatars_as_a_service.storage.object_store import ObjectStore  # noqa: PLC0415 - 4 MB that most processes never use

    try:
        return ObjectStore(settings.image_store)
    except ValueError as invalid:
        raise WrongSetting(variable("image_store"), str(invalid)) from None


def tariff_of(settings: Settings) -> Tariff:
    """Return what calls cost with these settings. Raises ``WrongSetting``."""
    if settings.draws_locally:
        return FixedTariff(0)
    own = _own_prices(settings)
    if settings.price_per_image_usd is not None:
        return FixedTariff(micro_usd(settings.price_per_image_usd))
    # The name of a deployment at Azure does not tell which model it is.
    prices = own if settings.uses_azure else {**published_prices(), **own}
    size = size_to_send(settings.model, settings.size)
    tariff = token_tariff(prices, settings.model, quality=settings.quality, size=size)
    if tariff is not None:
        return tariff
    if settings.daily_budget_usd is None and settings.monthly_budget_usd is None:
        return FixedTariff(0)
    raise _no_price(settings)


def _own_prices(settings: Settings) -> Prices:
    if settings.prices is None:
        return {}
    try:
        return parsed_prices(settings.prices.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as failed:
        reason = failed.strerror if isinstance(failed, OSError) else "it is no UTF-8"
        raise WrongSetting(variable("prices"), f"the file cannot be read ({reason})") from None
    except BadPrices as wrong:
        raise WrongSetting(variable("prices"), f"the file {wrong}") from None


def _no_price(settings: Settings) -> WrongSetting:
    price, thing = variable("price_per_image_usd"), "the deployment" if settings.uses_azure else "the model"
    return WrongSetting(
        price,
        f"must be set: no price is known for {thing} {settings.model!r} in quality {settings.quality!r}, and a budget "
        f"is set; add a line such as {price}=0.02 with what one picture costs in dollars, or name a file with a table "
        f'["{settings.model}"] in {variable("prices")}',
    )


def _face_price(tariff: Tariff) -> int:
    """Return what a face of the catalogue costs, in micro-dollars; their prompts differ by a few words."""
    return tariff.estimate(prompt_for(next(full_faces())))


def provider_of(settings: Settings) -> Provider:
    """Return the provider of the settings; it connects nothing yet. Raises ``WrongSetting``."""
    if settings.draws_locally:
        return LocalProvider()
    problem = size_problem(settings.model, size_to_send(settings.model, settings.size))
    if problem is not None:
        raise WrongSetting(variable("size"), problem)
    build = _image_client(settings)
    info = ProviderInfo(
        name="openai",
        model=settings.model,
        quality=settings.quality,
        artist=Artist.MODEL,
        is_paid=True,
        draws_descriptions=True,
    )
    return DeferredProvider(info, build)


def _image_client(settings: Settings) -> Callable[[], ImageClient]:
    """Return a function that builds the client. Raises ``WrongSetting`` for a wrong key, URL, proxy or addition."""
    from avatars_as_a_service.providers.endpoint import endpoint  # noqa: PLC0415 - only a paid provider needs it
    from avatars_as_a_service.providers.http_client import http_client  # noqa: PLC0415 - 0.15 s to import

    where = endpoint(settings)
    client = http_client()

    def build() -> ImageClient:
        from avatars_as_a_service.providers.openai_images import OpenAIImages  # noqa: PLC0415 - a second to import

        return OpenAIImages(endpoint=where, style=style(settings), http_client=client)

    return build


def _face_policy(settings: Settings) -> FacePolicy:
    return FacePolicy(
        edition=settings.edition,
        stand_ins=settings.stand_in,
        moderates=settings.moderates,
        timeout_s=settings.provider_timeout_s,
        max_background_drawings=settings.provider_concurrency + settings.provider_queue,
        cooldown_s=settings.rest_s,
    )


def _configured_keys(settings: Settings) -> list[ApiKey]:
    return [ApiKey(name=key.name, hash=hash_of(key.secret.get_secret_value())) for key in settings.api_keys]


def _known_hosts(settings: Settings) -> KnownHosts:
    public = () if settings.public_url is None else (urlsplit(settings.public_url).netloc.rpartition("@")[2],)
    return KnownHosts.of((*public, *settings.allowed_hosts), origins=settings.cors_origins)


def _counters(settings: Settings) -> Counters:
    if settings.redis_url is None:
        return MemoryCounters()
    from avatars_as_a_service.access.redis_counters import RedisCounters  # noqa: PLC0415 - a quarter second to import

    return RedisCounters(settings.redis_url.get_secret_value())


def _caps(settings: Settings) -> Caps:
    daily, monthly = settings.daily_budget_usd, settings.monthly_budget_usd
    return Caps(
        daily=None if daily is None else micro_usd(daily),
        monthly=None if monthly is None else micro_usd(monthly),
    )
