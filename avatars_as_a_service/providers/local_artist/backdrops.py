"""Backdrops: the patterns of the wall behind the face."""

from collections.abc import Mapping
from typing import Final

from avatars_as_a_service.domain.look import Backdrop
from avatars_as_a_service.providers.local_artist.layers import Layer, Layers, Tone
from avatars_as_a_service.providers.local_artist.outlines import box, disc

_WALL: Final = Layer(box(-256, 0, 512, 512), Tone.WALL)
_DISC: Final = disc(0, 262, 208)


def _on_wall(*outlines: str, tone: Tone = Tone.WALL_LIGHT) -> Layers:
    return (_WALL, Layer(" ".join(outlines), tone))


BACKDROPS: Final[Mapping[Backdrop, Layers]] = {
    Backdrop.BLOB: _on_wall(
        "M-196,120 C-150,20 -20,10 70,36 C180,66 236,150 222,262 C208,390 110,476 -30,470 C-160,464 -236,370 -226,262"
        " C-222,206 -218,164 -196,120Z"
    ),
    Backdrop.RAYS: _on_wall(
        "M0,262 L-256,0 L-110,0Z M0,262 L20,0 L180,0Z M0,262 L256,70 L256,230Z M0,262 L256,360 L256,512Z"
        " M0,262 L-256,120 L-256,260Z M0,262 L-256,380 L-256,512Z",
        tone=Tone.WALL_SOFT,
    ),
    Backdrop.DOTS: _on_wall(
        *(
            disc(side * x, y, 13)
            for side in (-1, 1)
            for x, y in ((196, 60), (232, 148), (190, 236), (232, 324), (130, 18))
        )
    ),
    Backdrop.WAVES: _on_wall(
        "M-256,250 C-190,200 -140,200 -80,240 C-20,280 40,280 100,240 C160,200 210,200 256,236 L256,512 L-256,512Z"
    ),
    Backdrop.CONFETTI: _on_wall(disc(-150, 110, 74), disc(190, 300, 96)),
    Backdrop.SHAPES: _on_wall("M-256,0 L60,0 L-256,330Z", disc(170, 330, 110)),
    Backdrop.STRIPES: _on_wall(
        "M-256,90 L-166,0 L-40,0 L-256,216Z M-256,342 L86,0 L212,0 L-256,468Z M-170,512 L256,86 L256,212 L-44,512Z",
        tone=Tone.WALL_SOFT,
    ),
    Backdrop.BUBBLES: _on_wall(disc(0, 190, 176)),
    Backdrop.HILLS: _on_wall("M-256,300 C-180,220 -90,220 0,300 C80,220 180,230 256,310 L256,512 L-256,512Z"),
    Backdrop.HALO: _on_wall(_DISC),
    Backdrop.PLAIN: (_WALL,),
    Backdrop.DIAGONAL: _on_wall("M256,0 L256,512 L-256,512Z"),
    Backdrop.ARCH: _on_wall("M-170,512 L-170,226 C-170,110 -96,40 0,40 C96,40 170,110 170,226 L170,512Z"),
    Backdrop.PANELS: _on_wall(box(-256, 0, 170, 512), box(86, 0, 170, 512)),
    Backdrop.HORIZON: _on_wall(box(-256, 300, 512, 212)),
    Backdrop.RINGS: (_WALL, Layer(disc(0, 262, 230), Tone.WALL_LIGHT), Layer(disc(0, 262, 180), Tone.WALL)),
}
