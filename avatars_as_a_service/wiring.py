"""Wiring: each part is built here, once, from the settings, and handed to those that need it."""

import asyncio
import gc
import os
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from avatars_as_a_service.images.spool import Spool
from avatars_as_a_service.images.workshop import Workshop
from avatars_as_a_service.key import Artist
from avatars_as_a_service.logs import configure_logs
from avatars_as_a_service.money import micro_usd
from avatars_as_a_service.picture import SIZES, PictureFormat
from avatars_as_a_service.pricing import FixedTariff, Tariff, published_tariff
from avatars_as_a_service.providers.contract import About, Drawer, Provider
from avatars_as_a_service.providers.deferred import DeferredProvider
from avatars_as_a_service.providers.local import LocalProvider
from avatars_as_a_service.providers.parameters import Style, wrong_size
from avatars_as_a_service.service.admission import Admission
from avatars_as_a_service.service.admission import Rules as AdmissionRules
from avatars_as_a_service.service.album import Album
from avatars_as_a_service.service.breaker import Breaker
from avatars_as_a_service.service.conversation import Answer
from avatars_as_a_service.service.draining import draining_signals
from avatars_as_a_service.service.embeds import Embeds
from avatars_as_a_service.service.faces import Faces, Rules
from avatars_as_a_service.service.figures import Accounts
from avatars_as_a_service.service.flights import Flights
from avatars_as_a_service.service.foresight import look_ahead
from avatars_as_a_service.service.gallery import Gallery
from avatars_as_a_service.service.housekeeping import Housekeeping
from avatars_as_a_service.service.keeper import Keeper
from avatars_as_a_service.service.keyring import Keyring, hash_of
from avatars_as_a_service.service.leases import Leases
from avatars_as_a_service.service.levels import levels
from avatars_as_a_service.service.line import Line
from avatars_as_a_service.service.memory import Memory
from avatars_as_a_service.service.metrics import CallMetrics, Metrics
from avatars_as_a_service.service.painter import Painter, Policy
from avatars_as_a_service.service.rates import Counters, OwnCounters, Rates
from avatars_as_a_service.service.readiness import Readiness
from avatars_as_a_service.service.recollection import Recollection
from avatars_as_a_service.service.removal import Removal
from avatars_as_a_service.service.renditions import Renditions
from avatars_as_a_service.service.report import Reports
from avatars_as_a_service.service.rests import Rests
from avatars_as_a_service.service.shelf import DatabaseShelf, ObjectShelf, Shelf
from avatars_as_a_service.service.tally import Tally
from avatars_as_a_service.service.traffic import Traffic
from avatars_as_a_service.settings import Settings, Switch, WrongSetting, load_settings, variable
from avatars_as_a_service.storage.address import database_url, in_memory
from avatars_as_a_service.storage.api_keys import ApiKey
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.ledger import Caps
from avatars_as_a_service.web.addresses import Addresses
from avatars_as_a_service.web.app import Site, create_app
from avatars_as_a_service.web.studio import Pages

if TYPE_CHECKING:
    from avatars_as_a_service.images.objects import Objects

_MB: Final = 2**20
_YOUNG: Final = 10_000
"""After so many new objects Python looks for cycles. With its own 700, a tenth of a hit from the database is that."""
_A_DRAWING_S: Final = 10.0
_A_RENDITION_S: Final = 0.1
_AFTER_A_CALL: Final = timedelta(minutes=2)
"""How long after its deadline a call may still be written down before it counts as abandoned."""


def build_app() -> ASGIApp:
    """The application of this process's environment; what uvicorn is told to run in each worker, set up for it."""
    configure_logs()
    gc.set_threshold(_YOUNG)
    return assemble(load_settings())


def assemble(settings: Settings) -> ASGIApp:
    """The application with these settings. Raises ``WrongSetting``."""
    site = Site(
        addresses=Addresses(
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
        admin_token=None if settings.admin_token is None else settings.admin_token.get_secret_value(),
    )
    return create_app(Parts.of(settings), site)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """All that runs in a process."""

    faces: Faces
    renditions: Renditions
    embeds: Embeds
    admission: Admission
    album: Album
    pages: Pages
    removal: Removal
    accounts: Accounts
    reports: Reports
    readiness: Readiness
    metrics: Metrics
    traffic: Traffic
    housekeeping: Housekeeping
    flights: Flights[Answer]
    provider: Provider
    database: Database
    rates: Rates

    @classmethod
    def of(cls, settings: Settings) -> "Parts":
        """Built from the settings; nothing is connected yet."""
        database = open_database(settings)
        provider = _provider(settings)
        memory = Memory(faces=settings.faces_in_memory, picture_bytes=settings.pictures_in_memory_mb * _MB)
        leases = Leases(
            database,
            owner=f"{socket.gethostname()[:60]}-{os.getpid()}-{secrets.token_hex(4)}",
            lease=timedelta(seconds=settings.lease_s),
            heartbeat=timedelta(seconds=settings.heartbeat_s),
        )
        shelf = _shelf(settings, database)
        keeper = Keeper(database=database, shelf=shelf, spool=Spool(settings.spool), memory=memory, leases=leases)
        breaker = Breaker(pause_s=settings.breaker_pause_s, quota_pause_s=settings.quota_pause_s)
        tally = Tally(database)
        flights: Flights[Answer] = Flights()
        line = Line(turns=settings.provider_concurrency, places=settings.provider_queue, first_guess_s=_A_DRAWING_S)
        registry = CollectorRegistry()
        traffic = Traffic()
        metrics = Metrics(
            registry,
            tally=tally,
            traffic=traffic,
            levels=levels(line=line, breaker=breaker, memory=memory, keeper=keeper, flights=flights, database=database),
        )
        longest_call = timedelta(seconds=settings.provider_timeout_s) + _AFTER_A_CALL
        removal = Removal(database=database, shelf=shelf, memory=memory)
        days = settings.keep_descriptions_days
        housekeeping = Housekeeping(
            database=database,
            leases=leases,
            keeper=keeper,
            recollection=Recollection(database, memory),
            tally=tally,
            metrics=metrics,
            removal=removal,
            keep_descriptions=None if days is None else timedelta(days=days),
            longest_call=longest_call,
        )
        painter = Painter(
            provider=provider,
            tariff=_tariff(settings),
            caps=_caps(settings),
            database=database,
            line=line,
            breaker=breaker,
            policy=Policy(
                retry_wait_s=settings.retry_wait_s, rest_s=settings.rest_s, quota_pause_s=settings.quota_pause_s
            ),
            metrics=CallMetrics(registry),
            blocked=lambda: keeper.holds_unspooled,
        )
        accounts = Accounts(database=database, tally=tally, caps=_caps(settings), provider=provider, breaker=breaker)
        price = _tariff(settings).cost(None)
        rates = Rates(_counters(settings))
        admission = Admission(
            keyring=Keyring(database, _configured_keys(settings)),
            rates=rates,
            rules=AdmissionRules(
                pays=provider.about.is_paid,
                private=settings.private == "on",
                misses=settings.rate_limit or (),
                hits=settings.hit_rate_limit or (),
            ),
        )
        faces = Faces(
            rules=_rules(settings),
            admission=admission,
            provider=provider,
            database=database,
            memory=memory,
            leases=leases,
            painter=painter,
            keeper=keeper,
            rests=Rests(timedelta(seconds=settings.rest_s)),
            tally=tally,
            flights=flights,
        )
        renditions = Renditions(
            gallery=Gallery(shelf=shelf, memory=memory, keeper=keeper, removal=removal),
            shelf=shelf,
            database=database,
            memory=memory,
            workshop=Workshop(benches=settings.rendition_concurrency),
            line=Line(
                turns=settings.rendition_concurrency, places=settings.rendition_queue, first_guess_s=_A_RENDITION_S
            ),
        )
        return cls(
            faces=faces,
            renditions=renditions,
            embeds=Embeds(faces=faces, renditions=renditions, default_size=settings.default_size),
            admission=admission,
            album=Album(database),
            pages=Pages(about=provider.about, price=price),
            removal=removal,
            accounts=accounts,
            reports=Reports(
                accounts=accounts,
                database=database,
                edition=settings.edition,
                artist=provider.about.artist,
                price=price,
            ),
            readiness=Readiness(database=database, housekeeping=housekeeping, flights=flights),
            metrics=metrics,
            traffic=traffic,
            housekeeping=housekeeping,
            flights=flights,
            provider=provider,
            database=database,
            rates=rates,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start the rounds; at the end let drawings finish and keep them, then close what was opened."""
        await self.housekeeping.start()
        looking_ahead = asyncio.create_task(look_ahead(self.provider))
        try:
            with draining_signals(self.flights):
                yield
        finally:
            looking_ahead.cancel()
            await self.flights.drain()
            await self.renditions.close()
            await self.housekeeping.stop()
            await self.provider.close()
            await self.rates.close()
            self.database.close()


def open_database(settings: Settings) -> Database:
    """The database of the settings; no connection is made yet. Raises ``WrongSetting``."""
    try:
        url = database_url(settings.db_string.get_secret_value())
    except ValueError as wrong:
        raise WrongSetting(variable("db_string"), str(wrong)) from None
    if in_memory(url) and settings.workers > 1:
        raise WrongSetting(
            variable("db_string"), f"an SQLite database in memory serves one process; {variable('workers')} is more"
        )
    return Database(url, pool_size=settings.db_pool_size)


def check(settings: Settings) -> None:
    """Raise ``WrongSetting`` for settings that cannot go together."""
    _default_size(settings)
    _tariff(settings)
    _provider(settings)
    _objects(settings)


def _default_size(settings: Settings) -> int:
    if settings.default_size not in SIZES:
        raise WrongSetting(variable("default_size"), f"must be one of {', '.join(map(str, SIZES))}")
    return settings.default_size


def _shelf(settings: Settings, database: Database) -> Shelf:
    objects = _objects(settings)
    return DatabaseShelf(database) if objects is None else ObjectShelf(database, objects)


def _objects(settings: Settings) -> "Objects | None":
    if settings.image_store is None:
        return None
    from avatars_as_a_service.images.objects import Objects  # noqa: PLC0415 - four megabytes that most have no use for

    try:
        return Objects(settings.image_store)
    except ValueError as wrong:
        raise WrongSetting(variable("image_store"), str(wrong)) from None


def _tariff(settings: Settings) -> Tariff:
    if settings.draws_locally:
        return FixedTariff(0)
    if settings.price_per_image_usd is not None:
        return FixedTariff(micro_usd(settings.price_per_image_usd))
    published = published_tariff(settings.model, quality=settings.quality, size=settings.size)
    if published is not None:
        return published
    if settings.daily_budget_usd is None and settings.monthly_budget_usd is None:
        return FixedTariff(0)
    raise WrongSetting(
        variable("price_per_image_usd"),
        f"must be set: no price is known for {settings.model!r} in quality {settings.quality!r}, and a budget is set",
    )


def _provider(settings: Settings) -> Provider:
    if settings.draws_locally:
        return LocalProvider()
    problem = wrong_size(settings.model, settings.size)
    if problem is not None:
        raise WrongSetting(variable("size"), problem)
    about = About(
        name="openai",
        model=settings.model,
        quality=settings.quality,
        artist=Artist.MODEL,
        is_paid=True,
        draws_descriptions=True,
    )
    return DeferredProvider(about, lambda: _openai(settings))


def _openai(settings: Settings) -> Drawer:
    from avatars_as_a_service.providers.openai_images import OpenAIImages  # noqa: PLC0415 - a second to import

    style = Style(
        model=settings.model,
        size=settings.size,
        quality=settings.quality if "quality" in settings.model_fields_set else None,
        output_format=settings.output_format,
    )
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else "none"
    return OpenAIImages(
        api_key=key, base_url=settings.openai_base_url, is_official=settings.asks_openai_itself, style=style
    )


def _rules(settings: Settings) -> Rules:
    return Rules(
        edition=settings.edition,
        stand_ins=settings.stand_in == "on",
        moderates=settings.moderation is Switch.ON
        or (settings.moderation is Switch.AUTO and settings.asks_openai_itself),
        timeout_s=settings.provider_timeout_s,
        most_begun=settings.provider_concurrency + settings.provider_queue,
        rest_s=settings.rest_s,
    )


def _configured_keys(settings: Settings) -> list[ApiKey]:
    return [ApiKey(name=key.name, hash=hash_of(key.secret.get_secret_value())) for key in settings.api_keys]


def _counters(settings: Settings) -> Counters:
    if settings.redis_url is None:
        return OwnCounters()
    from avatars_as_a_service.service.redis_counters import RedisCounters  # noqa: PLC0415 - a quarter second to import

    return RedisCounters(settings.redis_url.get_secret_value())


def _caps(settings: Settings) -> Caps:
    daily, monthly = settings.daily_budget_usd, settings.monthly_budget_usd
    return Caps(
        daily=None if daily is None else micro_usd(daily),
        monthly=None if monthly is None else micro_usd(monthly),
    )
