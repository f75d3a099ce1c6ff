"""Portraits: a look drawn from the wall to the glasses."""

from typing import Final

from avatars_as_a_service.features import Features
from avatars_as_a_service.providers.local_artist import eyes, glasses, palettes, svg
from avatars_as_a_service.providers.local_artist.backdrops import BACKDROPS
from avatars_as_a_service.providers.local_artist.beards import BEARDS
from avatars_as_a_service.providers.local_artist.brows import brows
from avatars_as_a_service.providers.local_artist.clothes import CLOTHES, NECK, TORSO
from avatars_as_a_service.providers.local_artist.colours import mixed
from avatars_as_a_service.providers.local_artist.hair import HAIRS
from avatars_as_a_service.providers.local_artist.heads import HEADS
from avatars_as_a_service.providers.local_artist.layers import Growth, Layer, Layers, Palette, Tone, painted
from avatars_as_a_service.providers.local_artist.look import Look, look_of
from avatars_as_a_service.providers.local_artist.mouths import SMILES
from avatars_as_a_service.providers.local_artist.noses import NOSES
from avatars_as_a_service.providers.local_artist.outlines import number, oval, redrawn

ARTIST_VERSION: Final = 7
"""Goes up when the same features get another picture."""
_ENLARGED: Final = 1.06  # a person is designed with a little more room around than looks best


def draw(features: Features) -> str:
    """A complete SVG picture, 512 by 512, of a face with these features.

    Equal features give the same text on every machine and in every process. The text is made of this package's own
    numbers and colours alone: no fonts, no scripts, no references out of the picture.
    """
    return _Portrait(look_of(features)).svg()


class _Portrait:
    def __init__(self, look: Look) -> None:
        self._look = look
        self._head = HEADS[look.head_shape]
        self._hair = HAIRS[look.hairstyle]
        self._smile = SMILES[look.smile_type]
        self._palette = _palette(look)

    def svg(self) -> str:
        wall = self._paint(BACKDROPS[self._look.backdrop])
        return svg.document(wall, svg.enlarged(self._person(), _ENLARGED))

    def _person(self) -> str:
        head, hair, wears_glasses = self._head, self._hair, self._look.glasses
        return (
            self._paint(head.fit_hair(hair.back))
            + self._body()
            + self._paint(head.fit_hair(hair.drape))
            + self._bare_head()
            + self._grown("cropped", self._hair.cropped)
            + self._grown("beard", BEARDS[self._look.beard].jaw)
            + self._face()
            + (self._paint(glasses.arms(head.widths[1])) if wears_glasses else "")
            + self._paint(head.fit_hair(hair.front))
            + (self._paint(glasses.front(self._look.frame)) if wears_glasses else "")
        )

    def _body(self) -> str:
        clothes = CLOTHES[self._look.garment]
        below_head = redrawn(self._head.outline, lambda x, y: (x + 5, y + 34))
        return (
            svg.shape(TORSO, self._palette[clothes.cloth])
            + svg.cut_out("torso", TORSO, self._paint(clothes.print))
            + svg.shape(NECK, self._palette[Tone.SKIN])
            + svg.cut_out("neck", below_head, svg.shape(NECK, self._palette[Tone.SKIN_SHADE]))
            + self._paint(clothes.over)
        )

    def _bare_head(self) -> str:
        skin, shade = self._palette[Tone.SKIN], self._palette[Tone.SKIN_SHADE]
        lit = svg.moved(svg.shape(self._head.outline, skin), -10, -6)
        inside = svg.shape(self._head.outline, shade) + lit + self._hair_shadow() + self._paint(self._cheeks())
        return (self._paint(self._head.ears()) if self._hair.shows_ears else "") + svg.cut_out(
            "head", self._head.outline, inside
        )

    def _hair_shadow(self) -> str:
        first = self._head.fit_hair(self._hair.front[:1])
        if first[0].width:
            return ""
        return svg.moved(svg.shape(first[0].outline, self._palette[Tone.SKIN_SHADE], 0.7), 3, 11)

    def _cheeks(self) -> Layers:
        left, right = self._smile.cheeks
        return (Layer(f"{oval(-66, left, 27, 17)} {oval(66, right, 27, 17)}", Tone.BLUSH, opacity=0.5),)

    def _grown(self, name: str, growth: Growth | None) -> str:
        if growth is None:
            return ""
        outline, colour = self._head.outline, self._palette[growth.tone]
        covered = svg.shape(outline, colour) + (svg.line(outline, colour, growth.depth) if growth.depth else "")
        hair = svg.cut_out(name, self._head.fit(growth.region), covered)
        return f'<g opacity="{number(growth.opacity)}">{hair}</g>'

    def _face(self) -> str:
        mood, smile = self._look.mood, self._smile
        return (
            self._paint(BEARDS[self._look.beard].moustache)
            + self._paint(self._head.fit_mouth(smile.mouth))
            + self._paint(NOSES[self._look.nose_type])
            + svg.cut_out("eyes", eyes.OPENINGS, self._paint(eyes.EYEBALLS))
            + self._paint(eyes.LIDS)
            + (self._paint(eyes.LONG_LASHES) if self._hair.long_lashes else "")
            + self._paint(brows(mood, smile.brows))
        )

    def _paint(self, layers: Layers) -> str:
        return painted(layers, self._palette)


def _palette(look: Look) -> Palette:
    skin = palettes.SKINS[look.skin_tone]
    lip = skin[Tone.LIP] if HAIRS[look.hairstyle].long_lashes else mixed(skin[Tone.LIP], skin[Tone.SKIN_SHADE], 30)
    return {
        **palettes.PLAIN,
        **skin,
        Tone.LIP: lip,
        **palettes.HAIRS[look.hair_colour],
        **palettes.IRISES[look.eye_color],
        **palettes.clothes_palette(look.dye),
        **palettes.scarf_palette(look.scarf),
        **palettes.WALLS[look.paint],
        Tone.FRAME: palettes.FINISHES[look.finish],
    }
