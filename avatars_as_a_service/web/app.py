"""The web application: FastAPI's routes, and the middlewares around them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from fastapi import FastAPI
from starlette.types import ASGIApp

from avatars_as_a_service import __version__
from avatars_as_a_service.access.admission import Admission
from avatars_as_a_service.access.guess_limits import GuessLimits
from avatars_as_a_service.errors import AvatarsError
from avatars_as_a_service.faces.embeds import Embeds, GravatarPolicy
from avatars_as_a_service.faces.listing import FaceListing
from avatars_as_a_service.faces.service import FaceService
from avatars_as_a_service.faces.states import FaceStates
from avatars_as_a_service.metrics.exporter import Metrics
from avatars_as_a_service.metrics.request_stats import RequestStats
from avatars_as_a_service.operations.dashboard_report import DashboardReports
from avatars_as_a_service.operations.readiness import Readiness
from avatars_as_a_service.operations.stats import StatsReader
from avatars_as_a_service.pictures.purge import Purger
from avatars_as_a_service.pictures.rendition_service import RenditionService
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.web.admin_auth import AdminAuth
from avatars_as_a_service.web.middleware.body_limit import BodyLimit
from avatars_as_a_service.web.middleware.cached_embeds import CachedEmbeds
from avatars_as_a_service.web.middleware.cached_faces import CachedFaces
from avatars_as_a_service.web.middleware.cached_hits import CachedHits
from avatars_as_a_service.web.middleware.cached_pictures import CachedPictures
from avatars_as_a_service.web.middleware.compressed_text import CompressedText
from avatars_as_a_service.web.middleware.cors import CorsPolicy
from avatars_as_a_service.web.middleware.plain_paths import PlainPaths
from avatars_as_a_service.web.middleware.rejected_callers import RejectedCallers
from avatars_as_a_service.web.middleware.request_log import RequestLog
from avatars_as_a_service.web.middleware.root_path import RootPath
from avatars_as_a_service.web.middleware.security_headers import SecurityHeaders
from avatars_as_a_service.web.middleware.shared_pictures import SharedPictures
from avatars_as_a_service.web.middleware.stored_hits import StoredHits
from avatars_as_a_service.web.middleware.tls_hint import TlsHint
from avatars_as_a_service.web.middleware.trusted_hosts import TrustedHosts
from avatars_as_a_service.web.middleware.trusted_proxies import Network, TrustedProxies
from avatars_as_a_service.web.middleware.url_limit import UrlLimit
from avatars_as_a_service.web.middleware.view_access import ViewAccess
from avatars_as_a_service.web.requests.embed_request import EmbedReader
from avatars_as_a_service.web.responses.error_responses import add_handlers, error_response
from avatars_as_a_service.web.route_access import RouteAccess
from avatars_as_a_service.web.routes.admin_routes import admin_router
from avatars_as_a_service.web.routes.avatar_routes import avatar_router
from avatars_as_a_service.web.routes.dashboard_routes import dashboard_router
from avatars_as_a_service.web.routes.docs_routes import add_docs
from avatars_as_a_service.web.routes.document import operation_id
from avatars_as_a_service.web.routes.faces_routes import faces_router
from avatars_as_a_service.web.routes.images_routes import images_router
from avatars_as_a_service.web.routes.monitoring_routes import monitoring_router
from avatars_as_a_service.web.routes.pages_routes import Pages, pages_router
from avatars_as_a_service.web.routes.query_routes import query_router
from avatars_as_a_service.web.telemetry import TELEMETRY
from avatars_as_a_service.web.urls import PictureUrls

MAX_BODY_BYTES: Final = 64 * 1024
_DESCRIPTION: Final = """
Faces for any web application. `POST /query` takes features and answers with a picture's URL. A kept face comes at once
and costs nothing. Any other face is drawn by the image model, paid for once and kept for ever.

For people: [the studio](./), [the gallery](gallery), [the dashboard](dashboard).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The settings of the web application."""

    urls: PictureUrls
    signing_key: str | None = field(repr=False)
    cors_origins: tuple[str, ...]
    log_every_nth_hit: int
    trusted_proxies: tuple[Network, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    root_path: str = ""
    admin_token: str | None = field(default=None, repr=False)
    gravatar: GravatarPolicy = field(default_factory=GravatarPolicy)
    seed_variants: int = 1
    """How many variants a seed picks among."""
    replies_bytes: int = 16 * 2**20
    """The most memory for finished replies to ``/avatar``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The parts of a process that answer requests and run commands; ``wiring`` builds them."""

    faces: FaceService
    admission: Admission
    token_guesses: GuessLimits
    renditions: RenditionService
    embeds: Embeds
    listing: FaceListing
    states: FaceStates
    pages: Pages
    purger: Purger
    stats_reader: StatsReader
    dashboard_reports: DashboardReports
    readiness: Readiness
    metrics: Metrics
    request_stats: RequestStats
    database: Database
    """No route reads it: a command that starts nothing closes it."""
    running: Callable[[], AbstractAsyncContextManager[None]]
    """Starts the background tasks, and at the end finishes the drawings and closes the connections."""


def create_app(services: Services, site: Site) -> ASGIApp:
    """The application that the server runs: hits from memory in front, then the middlewares, then FastAPI."""
    log = RequestLog(every_nth_hit=site.log_every_nth_hit, request_stats=services.request_stats)
    cors = CorsPolicy(site.cors_origins) if site.cors_origins else None
    admission = services.admission
    reader = EmbedReader(
        site.urls,
        signing_key=site.signing_key,
        is_private=admission.is_private,
        gravatar=site.gravatar,
        seed_variants=site.seed_variants,
    )
    framework = _framework(services, site, reader)
    routes = RouteAccess(framework.routes)

    def with_headers(app: ASGIApp) -> ASGIApp:
        app = SecurityHeaders(app)
        return SharedPictures(
            cors.wrap(app) if cors else app, app, is_private=admission.is_private, signing_key=site.signing_key
        )

    def refuse_within_log(error: AvatarsError) -> ASGIApp:
        return with_headers(error_response(error))

    def refuse(error: AvatarsError) -> ASGIApp:
        return log.wrap(refuse_within_log(error))

    limited = with_headers(UrlLimit(BodyLimit(framework, max_bytes=MAX_BODY_BYTES)))
    stored = StoredHits(limited, faces=services.faces, urls=site.urls, cors=cors, refuse=refuse_within_log)
    misses = app = log.wrap(TlsHint(stored, site.urls))
    if admission.limits_misses:
        misses = RejectedCallers(app, admission, routes=routes, refuse=refuse)
    hits = CachedHits(
        PlainPaths(misses, refuse=refuse),
        faces=CachedFaces(services.faces, site.urls, seed_variants=site.seed_variants),
        pictures=CachedPictures(services.renditions, is_shared=not admission.is_private),
        embeds=CachedEmbeds(services.embeds, reader, max_bytes=site.replies_bytes),
        log=log,
        cors=cors,
    )
    # A hit pays only for the rules that are set. Without any, its path needs no check: it equals one that is known.
    front: ASGIApp = hits
    if admission.limits_views:
        front = ViewAccess(
            hits, admission, app=app, routes=routes, refuse=refuse, signing_key=site.signing_key, cors=cors
        )
    if site.allowed_hosts:
        front = TrustedHosts(front, site.allowed_hosts, routes=routes, refuse=refuse)
    if site.trusted_proxies:
        front = TrustedProxies(front, site.trusted_proxies)
    return RootPath(hits if front is hits else PlainPaths(front, refuse=refuse), site.root_path)


def _framework(services: Services, site: Site, reader: EmbedReader) -> FastAPI:
    app = FastAPI(
        title="Avatars as a Service",
        summary="AI-drawn avatars; each distinct face is paid for once.",
        description=_DESCRIPTION,
        version=__version__,
        license_info={"name": "MIT", "identifier": "MIT"},
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
        lifespan=_lifespan(services),
        telemetry=TELEMETRY,
    )
    app.include_router(query_router(services.faces, site.urls, seed_variants=site.seed_variants))
    app.include_router(faces_router(services.listing, services.states, site.urls))
    app.include_router(images_router(services.renditions, is_shared=not services.admission.is_private))
    app.include_router(avatar_router(services.embeds, reader))
    admin = AdminAuth(site.admin_token, services.token_guesses, public_url=site.urls.public_url)
    app.include_router(monitoring_router(services.readiness, services.stats_reader, services.metrics, admin))
    app.include_router(admin_router(services.faces, services.purger, admin, site.urls))
    app.include_router(dashboard_router(services.dashboard_reports, admin))
    app.include_router(pages_router(services.pages, seed_variants=site.seed_variants))
    app.add_middleware(CompressedText)
    add_handlers(app)
    add_docs(app, site.urls)
    return app


def _lifespan(services: Services) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with services.running():
            yield

    return lifespan
