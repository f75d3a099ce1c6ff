"""The local artist as a provider: it draws features for free, and no descriptions."""

from avatars_as_a_service.domain.features import Features
from avatars_as_a_service.domain.key import Artist
from avatars_as_a_service.domain.picture import Picture, PictureFormat
from avatars_as_a_service.providers.base import Drawing, DrawRequest, ProviderInfo
from avatars_as_a_service.providers.local_artist import ARTIST_VERSION, draw

_SIDE = 512


def local_picture(features: Features) -> Picture:
    """Draw these features as an SVG. Equal features give equal bytes on every machine."""
    return Picture.of(draw(features).encode(), format=PictureFormat.SVG, width=_SIDE, height=_SIDE)


class LocalProvider:
    """Draws with the local artist; costs nothing and cannot fail."""

    info = ProviderInfo(
        name="local",
        model=f"local-artist-{ARTIST_VERSION}",
        quality="vector",
        artist=Artist.LOCAL,
        is_paid=False,
        draws_descriptions=False,
    )

    async def draw(self, request: DrawRequest, *, deadline: float) -> Drawing:  # noqa: ARG002 - it takes no time
        """Draw the request's features."""
        if request.features is None:
            raise TypeError("the local artist draws features only")
        return Drawing(local_picture(request.features))

    async def moderate(self, description: str) -> list[str]:  # noqa: ARG002 - it draws no descriptions
        """Flag nothing: the local artist draws no descriptions."""
        return []

    async def model_shutdown_date(self) -> None:
        """Return ``None``: the local artist is never shut down."""

    async def probe(self) -> str:
        """Answer at once: the local artist is always there."""
        return "it draws on this machine"

    async def close(self) -> None:
        """Do nothing: there are no connections."""
