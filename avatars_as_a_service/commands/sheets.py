"""``avatars sheet``: writes many faces of the local artist to one picture."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import typer

from avatars_as_a_service.commands.exit_codes import FAILED, leave
from avatars_as_a_service.commands.option_types import SHEET_AXES
from avatars_as_a_service.domain.features import MAX_VARIANT, OPTIONAL_VALUES, VALUES, Features
from avatars_as_a_service.domain.picture import PictureFormat
from avatars_as_a_service.imaging.render_job import RenderRequest
from avatars_as_a_service.imaging.rendering import render
from avatars_as_a_service.providers.local_artist.sheet import sheet as draw_sheet

_VARIANT: Final = "variant"
_MAX_PIXELS: Final = 64_000_000
_VALUES: Final = {**VALUES, **OPTIONAL_VALUES}


def sheet(file: Path, *, across: str, down: str, variants: int, common: Sequence[str], side: int) -> None:
    """Write the sheet. Raises ``typer.BadParameter`` for a wrong name or feature, and for a sheet that is too large."""
    columns, rows = _choices(across, variants), _choices(down, variants)
    face = _parsed(common)
    width, height = len(columns) * side, len(rows) * side
    if width * height > _MAX_PIXELS:
        raise typer.BadParameter(f"a sheet has at most {_MAX_PIXELS:,} pixels", param_hint="--side")
    wanted = RenderRequest(PictureFormat.SVG, width, height, _format_of(file), size=None)
    faces = [[_changed(_changed(face, down, row), across, column) for column in columns] for row in rows]
    try:
        file.write_bytes(_encoded(draw_sheet(faces, side=side).encode(), wanted))
    except OSError as failure:
        leave(f"{file}: {failure.strerror}", FAILED)


def _choices(name: str, variants: int) -> Sequence[Any]:
    return range(variants) if name == _VARIANT else _VALUES[name]


def _parsed(pairs: Sequence[str]) -> Features:
    face = Features()
    for pair in pairs:
        name, _, text = pair.partition("=")
        if name not in SHEET_AXES:
            raise typer.BadParameter(f"{name}: not one of {', '.join(SHEET_AXES)}", param_hint="--with")
        choices = {str(choice).lower(): choice for choice in _choices(name, MAX_VARIANT + 1)}
        if text.lower() not in choices:
            raise typer.BadParameter(f"{pair}: not one of {', '.join(choices)}", param_hint="--with")
        face = _changed(face, name, choices[text.lower()])
    return face


def _changed(face: Features, name: str, value: object) -> Features:
    change: dict[str, Any] = {name: value}
    return replace(face, **change)


def _format_of(file: Path) -> PictureFormat:
    suffix = file.suffix.lower().removeprefix(".")
    if suffix not in list(PictureFormat):
        raise typer.BadParameter(f"{file.name}: the name must end in .{', .'.join(PictureFormat)}", param_hint="FILE")
    return PictureFormat(suffix)


def _encoded(svg: bytes, wanted: RenderRequest) -> bytes:
    return svg if wanted.is_original else render(svg, wanted).data
