"""Vector pictures: an SVG of another size is the same drawing under another width and height."""

import re
from typing import Final

from avatars_as_a_service.picture import Picture, PictureFormat

_SIDES: Final = re.compile(rb'(<svg\b[^>]*?) width="\d+" height="\d+"')


def resized(original: Picture, box: tuple[int, int]) -> Picture:
    """The local artist's SVG, so wide and high in pixels wherever nothing else is said. Raises ``ValueError``."""
    sides = rb'\g<1> width="%d" height="%d"' % box
    data, found = _SIDES.subn(sides, original.data, count=1)
    if not found:
        raise ValueError("the SVG does not say how wide and high it is")
    return Picture.of(data, format=PictureFormat.SVG, width=box[0], height=box[1])
