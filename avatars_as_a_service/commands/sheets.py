"""``avatars sheet``: what the local artist draws, at a glance."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from avatars_as_a_service.commands.endings import FAILED, leave
from avatars_as_a_service.features import MAX_VARIANT, VALUES, Features
from avatars_as_a_service.images.orders import Wanted
from avatars_as_a_service.images.rendering import render
from avatars_as_a_service.picture import PictureFormat
from avatars_as_a_service.providers.local_artist.sheet import sheet as drawn

_VARIANT: Final = "variant"
_MAX_PIXELS: Final = 64_000_000

Axis = Annotated[str, typer.Option(metavar="FEATURE", help=f"One of: {', '.join([*VALUES, _VARIANT])}.")]


def sheet(
    file: Annotated[Path, typer.Argument(help="Where; its name ends in .svg, .png, .webp, .avif or .jpeg.")],
    across: Axis = _VARIANT,
    down: Axis = "mood",
    variants: Annotated[int, typer.Option(min=1, max=MAX_VARIANT + 1, help="How many, where they vary.")] = 9,
    face: Annotated[
        list[str] | None, typer.Option("--with", metavar="FEATURE=VALUE", help="What all faces have; may be repeated.")
    ] = None,
    *,
    side: Annotated[int, typer.Option(min=16, max=1024, help="Of each face, in pixels.")] = 104,
) -> None:
    """Write a contact sheet by the local artist: one feature varies across, another down."""
    columns, lines = _choices(across, variants, "--across"), _choices(down, variants, "--down")
    common = _parsed(face or [])
    width, height = len(columns) * side, len(lines) * side
    if width * height > _MAX_PIXELS:
        raise typer.BadParameter(f"a sheet has at most {_MAX_PIXELS:,} pixels", param_hint="--side")
    wanted = Wanted(PictureFormat.SVG, width, height, _format_of(file), size=None)
    rows = [[_changed(_changed(common, down, lower), across, other) for other in columns] for lower in lines]
    try:
        file.write_bytes(_encoded(drawn(rows, side=side).encode(), wanted))
    except OSError as refused:
        leave(f"{file}: {refused.strerror}", FAILED)


def _choices(name: str, variants: int, option: str) -> Sequence[Any]:
    if name == _VARIANT:
        return range(variants)
    if name not in VALUES:
        raise typer.BadParameter(f"{name}: not one of {', '.join([*VALUES, _VARIANT])}", param_hint=option)
    return VALUES[name]


def _parsed(pairs: Sequence[str]) -> Features:
    face = Features()
    for pair in pairs:
        name, _, text = pair.partition("=")
        choices = {str(choice).lower(): choice for choice in _choices(name, MAX_VARIANT + 1, "--with")}
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
        raise typer.BadParameter(f"{file.name}: a name has to end in .{', .'.join(PictureFormat)}", param_hint="FILE")
    return PictureFormat(suffix)


def _encoded(svg: bytes, wanted: Wanted) -> bytes:
    return svg if wanted.is_the_original else render(svg, wanted).data
