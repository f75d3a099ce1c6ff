"""The web application: routes, gates, and the process's beginning and end."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, Protocol

from fastapi import FastAPI
from starlette.types import ASGIApp

from avatars_as_a_service import __version__
from avatars_as_a_service.service.admission import Admission
from avatars_as_a_service.service.album import Album
from avatars_as_a_service.service.embeds import Embeds
from avatars_as_a_service.service.faces import Faces
from avatars_as_a_service.service.figures import Accounts
from avatars_as_a_service.service.metrics import Metrics
from avatars_as_a_service.service.readiness import Readiness
from avatars_as_a_service.service.removal import Removal
from avatars_as_a_service.service.renditions import Renditions
from avatars_as_a_service.service.report import Reports
from avatars_as_a_service.service.traffic import Traffic
from avatars_as_a_service.web.addresses import Addresses
from avatars_as_a_service.web.admin import AdminGate
from avatars_as_a_service.web.administration import admin_router
from avatars_as_a_service.web.album import album_router
from avatars_as_a_service.web.dashboard import dashboard_router
from avatars_as_a_service.web.docs import add_docs
from avatars_as_a_service.web.door import FrontDoor
from avatars_as_a_service.web.faces import faces_router
from avatars_as_a_service.web.gates import BodyLimit, CrossOrigin, RequestLog
from avatars_as_a_service.web.hardening import Hardening
from avatars_as_a_service.web.kept import KeptFaces
from avatars_as_a_service.web.operations import operations_router
from avatars_as_a_service.web.pictures import embeds_router, images_router
from avatars_as_a_service.web.problems import add_handlers
from avatars_as_a_service.web.proxies import Network, TrustedProxies
from avatars_as_a_service.web.studio import Pages, studio_router
from avatars_as_a_service.web.telemetry import TELEMETRY
from avatars_as_a_service.web.visitors import AllowedHosts, Turnstile, Visitors

MAX_BODY_BYTES: Final = 64 * 1024
_DESCRIPTION: Final = """
Faces for any web application. `POST /query` takes features and answers with a picture's address: a kept face at once
and for nothing, else one that the image model draws, that is paid for once and kept for ever.

For people: [the studio](./), [the gallery](gallery), [the dashboard](dashboard).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What a web application needs to know beside what it serves."""

    addresses: Addresses
    signing_key: str | None = field(repr=False)
    cors_origins: tuple[str, ...]
    log_every_nth_hit: int
    trusted_proxies: tuple[Network, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    admin_token: str | None = field(default=None, repr=False)


class Services(Protocol):
    """What the routes call."""

    @property
    def faces(self) -> Faces:
        """Answers queries."""

    @property
    def admission(self) -> Admission:
        """Decides who may."""

    @property
    def renditions(self) -> Renditions:
        """Finds pictures, and makes them in other sizes and formats."""

    @property
    def embeds(self) -> Embeds:
        """Finds or draws what a page shows."""

    @property
    def album(self) -> Album:
        """Shows the kept faces."""

    @property
    def pages(self) -> Pages:
        """The pages for people."""

    @property
    def removal(self) -> Removal:
        """Takes faces and pictures away."""

    @property
    def accounts(self) -> Accounts:
        """Adds up the figures."""

    @property
    def reports(self) -> Reports:
        """Tells the dashboard."""

    @property
    def readiness(self) -> Readiness:
        """Whether requests should come."""

    @property
    def metrics(self) -> Metrics:
        """Tells Prometheus."""

    @property
    def traffic(self) -> Traffic:
        """Counts requests."""

    def running(self) -> AbstractAsyncContextManager[None]:
        """Between its beginning and its end, requests are answered."""


def create_app(services: Services, site: Site) -> ASGIApp:
    """The application, ready to be served: the front door, then the gates, then FastAPI for all the rest."""
    log = RequestLog(every_nth_hit=site.log_every_nth_hit, traffic=services.traffic)
    cross_origin = CrossOrigin(site.cors_origins) if site.cors_origins else None
    app: ASGIApp = Hardening(BodyLimit(_framework(services, site), most=MAX_BODY_BYTES))
    app = Turnstile(log.around(cross_origin.around(app) if cross_origin else app), services.admission)
    door = FrontDoor(
        app,
        key=lambda query: services.faces.key(query.features),
        recall=services.faces.recall,
        picture=services.renditions.remembered,
        log=log,
        cross_origin=cross_origin,
        addresses=site.addresses,
    )
    services.renditions.when_forgetting(door.forget)
    return _guarded(door, services, site, refusing=app)


def _guarded(app: ASGIApp, services: Services, site: Site, *, refusing: ASGIApp) -> ASGIApp:
    """The application behind those rules alone that are set: a hit pays for no other."""
    if services.admission.has_visitors:
        app = Visitors(app, services.admission, signing_key=site.signing_key, refusing=refusing)
    if site.allowed_hosts:
        app = AllowedHosts(app, site.allowed_hosts, refusing=refusing)
    if site.trusted_proxies:
        app = TrustedProxies(app, site.trusted_proxies)
    return app


def _framework(services: Services, site: Site) -> FastAPI:
    app = FastAPI(
        title="Avatars as a Service",
        summary="AI-drawn avatars; each distinct face is paid for once.",
        description=_DESCRIPTION,
        version=__version__,
        license_info={"name": "MIT", "identifier": "MIT"},
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan(services),
        telemetry=TELEMETRY,
    )
    app.include_router(faces_router(services.faces, site.addresses))
    app.include_router(album_router(services.album, site.addresses))
    app.include_router(images_router(services.renditions))
    app.include_router(embeds_router(services.embeds, site.addresses, signing_key=site.signing_key))
    admin = AdminGate(site.admin_token)
    app.include_router(operations_router(services.readiness, services.accounts, services.metrics, admin))
    app.include_router(admin_router(services.faces, services.removal, admin, site.addresses))
    app.include_router(dashboard_router(services.reports, admin))
    app.include_router(studio_router(services.pages))
    app.add_middleware(KeptFaces, find=services.faces.find, addresses=site.addresses)
    add_handlers(app)
    add_docs(app)
    return app


def _lifespan(services: Services) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with services.running():
            yield

    return lifespan
