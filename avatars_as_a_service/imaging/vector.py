"""Vector pictures: resizes an SVG by changing its width and height alone."""

import re
from typing import Final

from avatars_as_a_service.domain.picture import Picture, PictureFormat

_SIDES: Final = re.compile(rb'(<svg\b[^>]*?) width="\d+" height="\d+"')


def resized(original: Picture, box: tuple[int, int]) -> Picture:
    """Return the local artist's SVG with this width and height in pixels. Raises ``ValueError`` if it has neither."""
    sides = rb'\g<1> width="%d" height="%d"' % box
    data, found = _SIDES.subn(sides, original.data, count=1)
    if not found:
        raise ValueError("the SVG has no width and height")
    return Picture.of(data, format=PictureFormat.SVG, width=box[0], height=box[1])
