"""The local artist as a provider: free, immediate, features only."""

from avatars_as_a_service.features import Features
from avatars_as_a_service.key import Artist
from avatars_as_a_service.picture import Picture, PictureFormat
from avatars_as_a_service.providers.contract import About, Commission, Drawing
from avatars_as_a_service.providers.local_artist import ARTIST_VERSION, draw

_SIDE = 512


def local_picture(features: Features) -> Picture:
    """The local artist's picture of these features, an SVG; equal to the byte whenever and wherever it is drawn."""
    return Picture.of(draw(features).encode(), format=PictureFormat.SVG, width=_SIDE, height=_SIDE)


class LocalProvider:
    """Draws by itself; costs nothing and cannot fail."""

    about = About(
        name="local",
        model=f"local-artist-{ARTIST_VERSION}",
        quality="vector",
        artist=Artist.LOCAL,
        is_paid=False,
        draws_descriptions=False,
    )

    async def draw(self, commission: Commission, *, deadline: float) -> Drawing:  # noqa: ARG002 - it takes no time
        """The picture of the commission's features."""
        if commission.features is None:
            raise TypeError("the local artist draws features only")
        return Drawing(local_picture(commission.features))

    async def flagged(self, description: str) -> list[str]:  # noqa: ARG002 - it draws no descriptions
        """Nothing: it draws no descriptions."""
        return []

    async def switched_off_on(self) -> None:
        """Never."""

    async def close(self) -> None:
        """Nothing to give back."""
