"""Portraits: a look drawn as SVG, from the wall to the glasses.

Each part is drawn once for each choice that it depends on; a face joins its parts.
"""

from functools import lru_cache
from typing import Final

from avatars_as_a_service.domain.features import (
    EyeColor,
    FacialHair,
    Features,
    HairColor,
    HairStyle,
    HeadShape,
    Mood,
    NoseType,
    SkinTone,
    SmileType,
)
from avatars_as_a_service.domain.look import Backdrop, Dye, Finish, Frame, Garment, Look, Paint, look_of
from avatars_as_a_service.providers.local_artist import eyes, glasses, palettes, svg
from avatars_as_a_service.providers.local_artist.backdrops import BACKDROPS
from avatars_as_a_service.providers.local_artist.beards import BEARDS, beard
from avatars_as_a_service.providers.local_artist.brows import brows
from avatars_as_a_service.providers.local_artist.clothes import CLOTHES, NECK, NECK_SHADOW, TORSO
from avatars_as_a_service.providers.local_artist.hair import HAIRS
from avatars_as_a_service.providers.local_artist.heads import HEADS
from avatars_as_a_service.providers.local_artist.layers import Layer, Tone, painted
from avatars_as_a_service.providers.local_artist.mouths import SMILES
from avatars_as_a_service.providers.local_artist.noses import NOSES
from avatars_as_a_service.providers.local_artist.outlines import oval

ARTIST_VERSION: Final = 8
"""Increased when the same features get another picture."""
PERSON: Final = '<g transform="matrix(1.05 0 0 1.05 0 -14)">'
"""Opens the group of the person, whose parts are designed a little smaller than they look best."""
_LONG_LASHES: Final = painted(eyes.LONG_LASHES, palettes.PLAIN)


def draw(features: Features) -> str:
    """Draw a face with these features as an SVG of 512 by 512.

    Equal features give the same text on every machine and in every process. The text has this package's own numbers
    and colours alone: no fonts, no scripts, no external references, and no ids, so that pictures which are inlined in
    one page leave each other alone.
    """
    return draw_look(look_of(features))


def draw_look(look: Look) -> str:
    """Draw this look, as ``draw`` does the look of its features."""
    style = HAIRS[look.hair_style]
    back, drape, front = _hair(
        look.hair_style,
        look.head_shape,
        None if style.is_scarf else look.hair_color,
        look.scarf if style.is_scarf else None,
        look.skin_tone if style.shows_skin else None,
    )
    return svg.document(
        _wall(look.backdrop, look.paint),
        PERSON,
        back,
        _body(look.garment, look.dye, look.skin_tone),
        drape,
        _ears(look.head_shape, look.skin_tone) if style.shows_ears else "",
        _head(look.head_shape, look.skin_tone, look.smile_type),
        _laugh_lines(look.skin_tone) if look.hair_color is HairColor.SILVER else "",
        _beard(look.facial_hair, look.hair_color, look.head_shape, look.skin_tone),
        _mouth(look.smile_type, look.skin_tone, look.head_shape),
        _moustache(look.facial_hair, look.hair_color),
        _nose(look.nose_type, look.skin_tone),
        _eyes(look.eye_color),
        _LONG_LASHES if style.long_lashes else "",
        _brows(look.mood, look.smile_type, look.hair_color),
        _arms(look.head_shape, look.finish) if look.glasses else "",
        front,
        _glasses(look.frame, look.finish) if look.glasses else "",
        "</g>",
    )


_once = lru_cache(maxsize=2048)  # there are fewer of each part, so each is drawn once


@_once
def _wall(backdrop: Backdrop, paint: Paint) -> str:
    return painted(BACKDROPS[backdrop], palettes.WALLS[paint])


@_once
def _body(garment: Garment, dye: Dye, skin_tone: SkinTone) -> str:
    clothes = CLOTHES[garment]
    palette = {**palettes.PLAIN, **palettes.SKINS[skin_tone], **palettes.clothes_palette(dye)}
    torso = Layer(TORSO, clothes.cloth)
    neck = (Layer(NECK, Tone.SKIN), Layer(NECK_SHADOW, Tone.SKIN_SHADE))
    return painted((torso, *clothes.print, *neck, *clothes.over), palette)


@_once
def _hair(
    style: HairStyle,
    head_shape: HeadShape,
    colour: HairColor | None,
    scarf: Dye | None,
    skin_tone: SkinTone | None,
) -> tuple[str, str, str]:
    palette = {
        **palettes.PLAIN,
        **(palettes.scarf_palette(scarf) if scarf else {}),
        **(palettes.HAIRS[colour] if colour else {}),
        **(palettes.SKINS[skin_tone] if skin_tone else {}),
        **(palettes.short_hair_palette(colour, skin_tone) if colour and skin_tone else {}),
    }
    hair, head = HAIRS[style], HEADS[head_shape]
    back, drape, front = (painted(head.fit_hair(layers), palette) for layers in (hair.back, hair.drape, hair.front))
    return back, drape, front


@_once
def _ears(head_shape: HeadShape, skin_tone: SkinTone) -> str:
    return painted(HEADS[head_shape].ears(), palettes.SKINS[skin_tone])


@_once
def _head(head_shape: HeadShape, skin_tone: SkinTone, smile_type: SmileType) -> str:
    head, (left, right) = HEADS[head_shape], SMILES[smile_type].cheeks
    cheeks = head.fit(f"{oval(-82, left, 25, 17)} {oval(82, right, 25, 17)}")
    return painted((Layer(head.outline, Tone.SKIN), Layer(cheeks, Tone.BLUSH)), palettes.SKINS[skin_tone])


@_once
def _laugh_lines(skin_tone: SkinTone) -> str:
    return painted(eyes.LAUGH_LINES, palettes.SKINS[skin_tone])


@_once
def _beard(kind: FacialHair, colour: HairColor, head_shape: HeadShape, skin_tone: SkinTone) -> str:
    palette = {**palettes.SKINS[skin_tone], **palettes.HAIRS[colour], **palettes.short_hair_palette(colour, skin_tone)}
    return painted(beard(kind, HEADS[head_shape]), palette)


@_once
def _moustache(kind: FacialHair, colour: HairColor) -> str:
    return painted(BEARDS[kind].moustache, palettes.HAIRS[colour])


@_once
def _mouth(smile_type: SmileType, skin_tone: SkinTone, head_shape: HeadShape) -> str:
    palette = {**palettes.PLAIN, **palettes.SKINS[skin_tone]}
    return painted(HEADS[head_shape].fit_mouth(SMILES[smile_type].mouth), palette)


@_once
def _nose(nose_type: NoseType, skin_tone: SkinTone) -> str:
    return painted(NOSES[nose_type], palettes.SKINS[skin_tone])


@_once
def _eyes(eye_color: EyeColor) -> str:
    return painted(eyes.EYES, {**palettes.PLAIN, **palettes.IRISES[eye_color]})


@_once
def _brows(mood: Mood, smile_type: SmileType, colour: HairColor) -> str:
    return painted(brows(mood, SMILES[smile_type].brows), palettes.HAIRS[colour])


@_once
def _arms(head_shape: HeadShape, finish: Finish) -> str:
    return painted(glasses.arms(HEADS[head_shape].widths[1]), {Tone.FRAME: palettes.FINISHES[finish]})


@_once
def _glasses(frame: Frame, finish: Finish) -> str:
    return painted(glasses.front(frame), {**palettes.PLAIN, Tone.FRAME: palettes.FINISHES[finish]})
