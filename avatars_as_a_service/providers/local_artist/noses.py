"""Noses, lit from the upper left."""

from collections.abc import Mapping
from typing import Final

from avatars_as_a_service.features import NoseType
from avatars_as_a_service.providers.local_artist.layers import Layer, Layers, Tone
from avatars_as_a_service.providers.local_artist.outlines import both, disc, oval

NOSES: Final[Mapping[NoseType, Layers]] = {
    NoseType.STRAIGHT: (
        Layer(
            "M5,204 C13,230 16,258 28,281 C32,295 21,304 6,303 C2,306 -2,306 -6,303 C-12,303 -19,301 -22,294"
            " C-8,296 4,290 4,276 C4,256 2,232 5,204Z",
            Tone.NOSE,
        ),
        Layer(oval(-5, 279, 6, 7), Tone.SKIN_LIGHT),
        Layer("M-21,286 C-23,298 -14,300 -7,300 C-2,305 6,305 11,300 C20,300 27,296 25,285", Tone.SKIN_LINE, 5),
    ),
    NoseType.ROMAN: (
        Layer(
            "M-7,206 C5,216 25,226 27,245 C28,261 32,274 32,288 C32,303 15,315 -2,314 C-12,313 -17,309 -19,304"
            " C6,300 7,286 3,268 C1,256 8,246 4,234 C1,224 -5,218 -7,206Z",
            Tone.NOSE,
        ),
        Layer("M-8,230 C-4,239 -3,248 -6,259", Tone.SKIN_LIGHT, 11),
        Layer("M-23,287 C-27,300 -18,306 -10,305 C-4,316 9,317 15,308 C26,306 35,299 32,285", Tone.SKIN_LINE, 5),
    ),
    NoseType.BUTTON: (
        Layer(disc(3, 283, 28), Tone.NOSE),
        Layer(disc(-4, 278, 20), Tone.SKIN),
        Layer(oval(-9, 272, 11, 9), Tone.SKIN_LIGHT),
        Layer("M-15,302 C-5,312 12,311 20,300", Tone.SKIN_LINE, 5),
    ),
    NoseType.SNUB: (
        Layer("M10,220 C3,238 4,250 12,262 C8,266 4,266 1,264 C-3,250 0,232 10,220Z", Tone.NOSE),
        Layer(
            "M-24,284 C-25,272 -17,266 -10,270 C-4,278 4,278 10,270 C17,266 25,272 24,284 C22,293 14,293 8,291"
            " C3,295 -3,295 -8,291 C-14,293 -22,293 -24,284Z",
            Tone.NOSE,
        ),
        Layer(oval(-2, 264, 10, 8), Tone.SKIN_LIGHT),
        Layer("M-18,287 C-15,282 -10,282 -7,286 C-3,290 3,290 7,286 C10,282 15,282 18,287", Tone.SKIN_LINE, 5),
    ),
    NoseType.WIDE: (
        Layer(
            "M-33,285 C-32,273 -23,270 -17,274 C-8,281 8,281 17,274 C23,270 32,273 33,285 C34,296 25,300 17,297"
            " C9,304 -9,304 -17,297 C-25,300 -34,296 -33,285Z",
            Tone.NOSE,
        ),
        Layer(oval(-3, 272, 13, 7), Tone.SKIN_LIGHT),
        Layer(both("M29,274 C37,282 34,296 22,295") + " M-14,298 C-7,304 7,304 14,298", Tone.SKIN_LINE, 4.6),
    ),
    NoseType.NARROW: (
        Layer("M9,206 C9,236 9,262 15,290 C15,304 7,310 -2,310 C4,284 4,240 9,206Z", Tone.NOSE),
        Layer("M-9,206 C-10,236 -10,262 -15,292 C-8,286 -4,262 -4,240Z", Tone.NOSE),
        Layer("M0,238 L0,292", Tone.SKIN_LIGHT, 6),
        Layer("M-14,292 C-15,303 -7,307 0,311 C7,307 15,303 14,292", Tone.SKIN_LINE, 5),
    ),
}
