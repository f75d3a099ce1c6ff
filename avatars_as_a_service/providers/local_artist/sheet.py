"""Contact sheets: many portraits in one picture."""

import re
from collections.abc import Sequence
from typing import Final

from avatars_as_a_service.domain.features import Features
from avatars_as_a_service.providers.local_artist.portrait import draw

_OPENING: Final = re.compile(r' width="\d+" height="\d+"')


def sheet(rows: Sequence[Sequence[Features]], *, side: int) -> str:
    """Draw the faces in these rows, from the top left; each portrait is ``side`` pixels wide and high."""
    wide, high = side * max(map(len, rows)), side * len(rows)
    portraits = (
        _placed(face, x=side * column, y=side * row, side=side)
        for row, faces in enumerate(rows)
        for column, face in enumerate(faces)
    )
    size = f'viewBox="0 0 {wide} {high}" width="{wide}" height="{high}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(portraits)}</svg>'


def _placed(face: Features, *, x: int, y: int, side: int) -> str:
    """Draw the portrait at this position."""
    return _OPENING.sub(f' x="{x}" y="{y}" width="{side}" height="{side}"', draw(face), count=1)
