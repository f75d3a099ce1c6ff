"""The command ``avatars``: its subcommands, their options and their help.

A subcommand imports its work when it runs, so that ``--help`` and shell completion load the options alone.
"""

import gc
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from avatars_as_a_service import __version__
from avatars_as_a_service.commands.option_types import (
    SHEET_AXES,
    api_key_name,
    days,
    dollars,
    origin,
    seed,
    sheet_axis,
    size,
)
from avatars_as_a_service.domain.features import (
    MAX_VARIANT,
    EyeColor,
    FacialHair,
    HairColor,
    HairStyle,
    HeadShape,
    Mood,
    NoseType,
    SkinTone,
    SmileType,
)
from avatars_as_a_service.domain.picture import PictureFormat

commands = typer.Typer(
    help="AI-drawn avatars; each distinct face is paid for once.",
    no_args_is_help=True,
    rich_markup_mode=None,  # rich takes half of the time of --help
    pretty_exceptions_enable=False,  # a pretty traceback shows values, and so secrets
)
keys = typer.Typer(help="Create, list and revoke API keys.", no_args_is_help=True, rich_markup_mode=None)
commands.add_typer(keys, name="keys")


def main() -> None:
    """Run the command."""
    gc.set_threshold(10_000)  # imports make few cycles; the search for them would take a tenth of a start
    commands()


def _show_version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"avatars {__version__}")
        raise typer.Exit


@commands.callback()
def _avatars(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Take the options that stand before a subcommand."""


# --- the service ---


@commands.command()
def serve(
    host: Annotated[
        str | None, typer.Option(help="The IP address or host name to listen on. Overrides AVATARS_HOST.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on. Overrides AVATARS_PORT.")] = None,
    workers: Annotated[int | None, typer.Option(help="Worker processes. Overrides AVATARS_WORKERS.")] = None,
    root_path: Annotated[
        str | None,
        typer.Option(help="The path below which a proxy serves the service. Overrides AVATARS_ROOT_PATH."),
    ] = None,
) -> None:
    """Bring the database's tables up to date, then serve."""
    from avatars_as_a_service.commands.serve import serve

    serve(host=host, port=port, workers=workers, root_path=root_path)


@commands.command()
def migrate() -> None:
    """Bring the database's tables up to date.

    Run it as a database user with that right, before a service whose own user lacks it.
    """
    from avatars_as_a_service.commands.databases import migrate

    migrate()


@commands.command()
def check(
    *,
    pay: Annotated[bool, typer.Option("--pay", help="Draw one picture too, and pay for it within the caps.")] = False,
) -> None:
    """Show what a call would send and cost, and whether provider, database and stores answer."""
    from avatars_as_a_service.commands.check import check

    check(pay=pay)


# --- faces and pictures ---


@commands.command()
def purge(
    hashes: Annotated[
        list[str] | None,
        typer.Argument(metavar="HASH", help="The keys of faces, or the digests of pictures.", show_default=False),
    ] = None,
    descriptions_older_than: Annotated[
        timedelta | None,
        typer.Option(parser=days, metavar="DAYS", help="Purge pictures of descriptions that are older, such as 30d."),
    ] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show how much would go, and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask on a terminal.")] = False,
) -> None:
    """Delete faces and pictures for good.

    A face goes with its picture, and a picture with all faces that show it. Their URLs answer 410. The ledger keeps its
    rows.
    """
    from avatars_as_a_service.commands.stored_faces import purge

    if not hashes and descriptions_older_than is None:
        raise typer.BadParameter("Give a HASH or --descriptions-older-than.")
    purge(hashes or [], descriptions_older_than, dry_run=dry_run, yes=yes)


@commands.command()
def redraw(hashes: Annotated[list[str], typer.Argument(metavar="HASH", help="The keys of faces.")]) -> None:
    """Draw faces again, and pay for them.

    A face shows its old picture until the new one is stored.
    """
    from avatars_as_a_service.commands.stored_faces import redraw

    redraw(hashes)


@commands.command()
def sign(
    *,
    seed: Annotated[
        str | None, typer.Option(parser=seed, metavar="TEXT", help="Picks each feature that is not given.")
    ] = None,
    mood: Annotated[Mood | None, typer.Option()] = None,
    head_shape: Annotated[HeadShape | None, typer.Option()] = None,
    skin_tone: Annotated[SkinTone | None, typer.Option()] = None,
    smile_type: Annotated[SmileType | None, typer.Option()] = None,
    nose_type: Annotated[NoseType | None, typer.Option()] = None,
    eye_color: Annotated[EyeColor | None, typer.Option()] = None,
    glasses: Annotated[bool | None, typer.Option()] = None,
    variant: Annotated[
        int | None, typer.Option(min=0, max=MAX_VARIANT, help="Picks another face with the same features.")
    ] = None,
    hair_style: Annotated[HairStyle | None, typer.Option()] = None,
    hair_color: Annotated[HairColor | None, typer.Option()] = None,
    facial_hair: Annotated[FacialHair | None, typer.Option()] = None,
    size: Annotated[
        str | None,
        typer.Option(parser=size, metavar="PIXELS", help="The picture's size. It is not signed."),
    ] = None,
    picture_format: Annotated[
        PictureFormat | None, typer.Option("--format", help="The picture's format. It is not signed.")
    ] = None,
    days: Annotated[float, typer.Option(min=0, max=36_500, help="How many days the signature is valid.")] = 30,
    exp: Annotated[
        int | None, typer.Option(min=0, help="When the signature ends, in seconds since 1970. Overrides --days.")
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(help="The URL before /avatar.", show_default="AVATARS_PUBLIC_URL")
    ] = None,
) -> None:
    """Print a signed /avatar URL. A request for it may have its face drawn and paid for, once."""
    from avatars_as_a_service.commands.signatures import sign

    parameters = {
        "seed": seed,
        "mood": mood,
        "head_shape": head_shape,
        "skin_tone": skin_tone,
        "smile_type": smile_type,
        "nose_type": nose_type,
        "eye_color": eye_color,
        "glasses": None if glasses is None else str(glasses).lower(),
        "variant": None if variant is None else str(variant),
        "hair_style": hair_style,
        "hair_color": hair_color,
        "facial_hair": facial_hair,
        "size": size,
        "format": picture_format,
    }
    given = [(name, str(value)) for name, value in parameters.items() if value is not None]
    typer.echo(sign(given, days=days, exp=exp, base_url=base_url))


@commands.command()
def sheet(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="The file to write. Its name ends in .svg, .png, .webp, .avif or .jpeg."),
    ],
    across: Annotated[
        str, typer.Option(parser=sheet_axis, metavar="FEATURE", help="The feature that varies across.")
    ] = "variant",
    down: Annotated[
        str,
        typer.Option(
            parser=sheet_axis,
            metavar="FEATURE",
            help=f"The feature that varies down. Features: {', '.join(SHEET_AXES)}.",
        ),
    ] = "mood",
    variants: Annotated[int, typer.Option(min=1, max=MAX_VARIANT + 1, help="How many variants to show.")] = 9,
    face: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="FEATURE=VALUE",
            help="A feature of all faces, such as glasses=true. May be repeated.",
        ),
    ] = None,
    *,
    side: Annotated[int, typer.Option(min=16, max=1024, help="The side of each face, in pixels.")] = 104,
) -> None:
    """Write a contact sheet of the local artist's faces.

    One feature varies across, another down.
    """
    from avatars_as_a_service.commands.sheets import sheet

    sheet(file, across=across, down=down, variants=variants, common=face or [], side=side)


# --- API keys ---

Name = Annotated[str, typer.Argument(parser=api_key_name, metavar="NAME", help="The key's name, as in the ledger.")]


@keys.command()
def add(
    name: Name,
    daily_usd: Annotated[
        Decimal | None, typer.Option(parser=dollars, metavar="USD", help="The most that the key spends in a day (UTC).")
    ] = None,
    monthly_usd: Annotated[
        Decimal | None,
        typer.Option(parser=dollars, metavar="USD", help="The most that the key spends in a month (UTC)."),
    ] = None,
    per_minute: Annotated[int | None, typer.Option(min=1, help="Requests in a minute that are not hits.")] = None,
    origin: Annotated[
        list[str] | None,
        typer.Option(parser=origin, metavar="ORIGIN", help="An origin whose pages may send the key. May be repeated."),
    ] = None,
) -> None:
    """Create a key and show it once: the database keeps its hash alone."""
    from avatars_as_a_service.commands.keys import add

    add(name, daily_usd=daily_usd, monthly_usd=monthly_usd, per_minute=per_minute, origins=origin or [])


@keys.command("list")
def list_keys() -> None:
    """List the keys of the database and what they have spent. Keys of AVATARS_API_KEYS are not listed."""
    from avatars_as_a_service.commands.keys import list_keys

    list_keys()


@keys.command()
def revoke(name: Name) -> None:
    """Revoke a key. Within 5 seconds no process accepts it."""
    from avatars_as_a_service.commands.keys import revoke

    revoke(name)
