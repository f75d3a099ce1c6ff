"""``avatars sign``: addresses that have a face drawn."""

import time
from typing import Annotated, Final

import typer

from avatars_as_a_service.commands.endings import explained
from avatars_as_a_service.features import MAX_VARIANT, EyeColor, HeadShape, Mood, NoseType, SkinTone, SmileType
from avatars_as_a_service.picture import SIZES, PictureFormat
from avatars_as_a_service.seed import MAX_SEED
from avatars_as_a_service.settings import WrongSetting, load_settings, variable
from avatars_as_a_service.signing import signed_query

_DAY_S: Final = 86_400


def _seed(text: str) -> str:
    if len(text) > MAX_SEED:
        raise typer.BadParameter(f"A seed has at most {MAX_SEED} characters.")
    return text


def _size(text: str) -> str:
    if text not in map(str, SIZES):
        raise typer.BadParameter(f"There are {', '.join(map(str, SIZES))}.")
    return text


def sign(
    *,
    seed: Annotated[
        str | None, typer.Option(parser=_seed, metavar="TEXT", help="It picks every feature that is not given.")
    ] = None,
    mood: Annotated[Mood | None, typer.Option()] = None,
    head_shape: Annotated[HeadShape | None, typer.Option()] = None,
    skin_tone: Annotated[SkinTone | None, typer.Option()] = None,
    smile_type: Annotated[SmileType | None, typer.Option()] = None,
    nose_type: Annotated[NoseType | None, typer.Option()] = None,
    eye_color: Annotated[EyeColor | None, typer.Option()] = None,
    glasses: Annotated[bool | None, typer.Option()] = None,
    variant: Annotated[int | None, typer.Option(min=0, max=MAX_VARIANT)] = None,
    size: Annotated[
        str | None, typer.Option(parser=_size, metavar="PIXELS", help="Is not signed: anybody may change it.")
    ] = None,
    picture_format: Annotated[PictureFormat | None, typer.Option("--format", help="Is not signed either.")] = None,
    days: Annotated[float, typer.Option(help="How long the address may have its face drawn.", min=0, max=36_500)] = 30,
    exp: Annotated[
        int | None, typer.Option(help="Until when, in seconds since 1970; --days, unless given.", min=0)
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(help="What stands before /avatar; AVATARS_PUBLIC_URL, unless given.")
    ] = None,
) -> None:
    """Print a signed address of /avatar: whoever opens it has its face drawn, and paid for, once."""
    said = {
        "seed": seed,
        "mood": mood,
        "head_shape": head_shape,
        "skin_tone": skin_tone,
        "smile_type": smile_type,
        "nose_type": nose_type,
        "eye_color": eye_color,
        "glasses": None if glasses is None else str(glasses).lower(),
        "variant": None if variant is None else str(variant),
        "size": size,
        "format": picture_format,
    }
    with explained():
        settings = load_settings()
        if settings.signing_key is None:
            raise WrongSetting(variable("signing_key"), "is needed to sign")
    base = base_url or settings.public_url or f"http://{settings.host}:{settings.port}"
    expires = int(time.time() + days * _DAY_S) if exp is None else exp
    parameters = [(name, str(value)) for name, value in said.items() if value is not None]
    query = signed_query(parameters, settings.signing_key.get_secret_value(), expires=expires)
    typer.echo(f"{base.rstrip('/')}/avatar?{query}")
