"""The request for a face in an ``<img>`` element: by query, by path, or as Gravatar and Libravatar take it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl

from starlette.types import Scope

from avatars_as_a_service.domain.features import Features
from avatars_as_a_service.domain.picture import RASTERS, PictureFormat, made_size
from avatars_as_a_service.domain.signing import Verdict
from avatars_as_a_service.errors import GravatarOff
from avatars_as_a_service.faces.embeds import EmbedFormats, EmbedQuery, GravatarPolicy
from avatars_as_a_service.storage.ledger import Payer
from avatars_as_a_service.web.requests.accept import MAX_ACCEPT, accepts_gzip, best_format
from avatars_as_a_service.web.requests.embed_path import EmbedPath
from avatars_as_a_service.web.requests.parsing import parse_embed
from avatars_as_a_service.web.requests.signature import verify_signature
from avatars_as_a_service.web.schemas.requests import EmbedRequest, size_of_at_least
from avatars_as_a_service.web.urls import PictureUrls

_ALL: Final = (PictureFormat.SVG, *RASTERS)
_GRAVATAR_SIZE: Final = made_size(80)
"""The size of a Gravatar URL without one."""
_NOT_FOUND: Final = "404"
_YES: Final = frozenset({"y", "yes", "1", "true"})


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedClient:
    """What of a request, beside the face, changes its answer.

    ``base`` is the URL before the path of a kept picture, ``is_negotiated`` whether ``Accept`` chose the format,
    ``is_shared`` whether a page of any site may show the picture, ``signature`` the verdict on the URL's signature.
    """

    base: str
    is_negotiated: bool
    accepts_gzip: bool
    is_shared: bool
    signature: Verdict | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedEmbed:
    """A request for a face.

    ``may_draw``: a face that is not kept may be drawn and paid for, by a valid signature or from the budget of
    ``payer``. ``expires_at``: when a valid signature ends, in seconds since 1970.
    """

    query: EmbedQuery
    client: EmbedClient
    may_draw: bool
    payer: Payer | None
    expires_at: float | None


class EmbedReader:
    """Reads requests for faces in ``<img>`` elements."""

    def __init__(
        self,
        urls: PictureUrls,
        *,
        signing_key: str | None,
        is_private: bool,
        gravatar: GravatarPolicy,
        seed_variants: int,
    ) -> None:
        self._urls = urls
        self._signing_key = signing_key
        self._is_private = is_private
        self._gravatar = gravatar
        self._seed_variants = seed_variants

    def base(self, scope: Scope, headers: Mapping[bytes, bytes]) -> str:
        """The URL before the path of a kept picture."""
        return self._urls.base(scope, headers.get(b"host"), kept=True)

    def read(self, scope: Scope, headers: Mapping[bytes, bytes], path: EmbedPath) -> ParsedEmbed:
        """Read the request. ``GravatarOff``, or ``RequestValidationError`` for a wrong feature or too long a seed."""
        if path.is_gravatar and not self._gravatar.is_on:
            raise GravatarOff
        parameters = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        request = parse_embed(parameters, text=path.seed)
        query = self._query(path, request, dict(parameters), headers.get(b"accept"))
        signature = verify_signature(scope, self._signing_key)
        is_signed = signature is Verdict.VALID
        payer = self._gravatar.payer if path.is_gravatar and not query.only_drawn and not is_signed else None
        return ParsedEmbed(
            query=query,
            client=EmbedClient(
                base=self.base(scope, headers),
                is_negotiated=not path.is_gravatar and (path.format or request.format) is None,
                accepts_gzip=accepts_gzip(headers.get(b"accept-encoding")),
                is_shared=is_signed or not self._is_private,
                signature=signature,
            ),
            may_draw=is_signed or payer is not None,
            payer=payer,
            expires_at=float(request.exp or 0) if is_signed else None,
        )

    def _query(
        self, path: EmbedPath, request: EmbedRequest, parameters: Mapping[str, str], accept: bytes | None
    ) -> EmbedQuery:
        features, usual = request.face(seed_variants=self._seed_variants), self._urls.default_format
        if path.is_gravatar:
            return _gravatar_query(features, path, request, parameters, usual)
        formats = _formats(path.format or request.format, accept, usual)
        return EmbedQuery(features=features, formats=formats, size=request.size)


@lru_cache(1024)
def negotiated(accept: bytes | None) -> EmbedFormats:
    """The formats that a client prefers."""
    text = None if accept is None else accept.decode("latin-1")
    return EmbedFormats(drawing=best_format(text, _ALL), raster=best_format(text, RASTERS))


def _gravatar_query(
    features: Features, path: EmbedPath, request: EmbedRequest, options: Mapping[str, str], usual: PictureFormat
) -> EmbedQuery:
    """Read the options of Gravatar and Libravatar. Without an extension there is no SVG: their clients show none."""
    requested = path.format or (request.format if request.format in RASTERS else PictureFormat.PNG)
    return EmbedQuery(
        features=features,
        formats=_formats(requested, None, usual),
        size=size_of_at_least(options.get("s", "")) or request.size or _GRAVATAR_SIZE,
        only_kept=_NOT_FOUND in (options.get("d"), options.get("default")),
        only_drawn=not _YES.isdisjoint((options.get("f", "").lower(), options.get("forcedefault", "").lower())),
    )


def _formats(requested: PictureFormat | None, accept: bytes | None, usual: PictureFormat) -> EmbedFormats:
    """The formats that the URL asks for, ``usual`` where an SVG is asked for; else those that ``Accept`` prefers."""
    if requested is None:
        return negotiated(None if accept is None or len(accept) > MAX_ACCEPT else accept)
    return EmbedFormats(drawing=requested, raster=usual if requested is PictureFormat.SVG else requested)
