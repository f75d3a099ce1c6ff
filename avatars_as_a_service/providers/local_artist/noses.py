"""Noses, lit from the upper left."""

from collections.abc import Mapping
from typing import Final

from avatars_as_a_service.features import NoseType
from avatars_as_a_service.providers.local_artist.layers import Layer, Layers, Tone
from avatars_as_a_service.providers.local_artist.outlines import both, disc, oval

NOSES: Final[Mapping[NoseType, Layers]] = {
    NoseType.STRAIGHT: (
        Layer(
            "M6,208 C12,232 16,258 27,280 C33,294 22,304 8,303 C3,306 -3,306 -7,303 C2,298 9,288 7,274"
            " C5,252 3,230 6,208Z",
            Tone.NOSE,
        ),
        Layer(
            "M-8,212 C-9,238 -13,262 -16,278 C-16,290 -7,294 0,293 C7,291 8,283 7,273 C4,250 3,230 4,212Z",
            Tone.SKIN_LIGHT,
        ),
        Layer("M-23,286 C-26,299 -15,302 -8,301 C-3,306 6,306 11,301 C21,301 28,296 26,285", Tone.SKIN_LINE, 5),
    ),
    NoseType.ROMAN: (
        Layer(
            "M0,206 C12,212 29,226 29,246 C29,258 24,264 28,276 C33,286 34,297 20,299 C14,308 -4,308 -12,299"
            " C2,296 12,288 9,275 C6,262 14,252 11,238 C9,224 4,216 0,206Z",
            Tone.NOSE,
        ),
        Layer(
            "M-9,222 C-2,228 7,236 6,248 C5,260 -2,266 -2,276 C-3,284 -14,284 -14,276 C-14,262 -8,256 -8,246"
            " C-8,236 -12,230 -9,222Z",
            Tone.SKIN_LIGHT,
        ),
        Layer("M-23,284 C-27,295 -18,300 -10,299 C-4,308 10,308 16,300 C27,300 35,294 31,283", Tone.SKIN_LINE, 5),
    ),
    NoseType.BUTTON: (
        Layer(disc(3, 281, 28), Tone.NOSE),
        Layer(disc(-2, 276, 23), Tone.SKIN),
        Layer(oval(-8, 269, 9, 7), Tone.SKIN_LIGHT),
        Layer("M-16,303 C-5,313 13,312 22,300", Tone.SKIN_LINE, 5),
    ),
    NoseType.SNUB: (
        Layer(
            "M9,214 C6,234 8,244 18,251 C31,258 33,277 24,284 C16,290 8,285 0,285 C-8,285 -16,290 -24,284"
            " C-10,282 12,276 13,265 C14,252 0,238 9,214Z",
            Tone.NOSE,
        ),
        Layer(
            "M-3,226 C-5,240 -19,245 -19,258 C-19,270 -10,275 0,274 C10,273 17,268 16,259 C15,249 2,243 3,226Z",
            Tone.SKIN_LIGHT,
        ),
        Layer(both(oval(10, 281, 6.5, 4)), Tone.SKIN_LINE),
        Layer("M-22,285 C-29,281 -29,272 -25,267 M22,285 C29,281 31,272 27,265", Tone.SKIN_LINE, 4),
    ),
    NoseType.WIDE: (
        Layer(
            "M-37,287 C-37,273 -25,271 -16,275 C-8,279 8,279 16,275 C25,271 37,273 37,287 C37,298 26,303 17,300"
            " C9,308 -9,308 -17,300 C-26,303 -37,298 -37,287Z",
            Tone.NOSE,
        ),
        Layer(
            "M-34,284 C-33,273 -22,270 -16,274 C-14,262 -11,254 0,254 C11,254 13,263 15,274 C21,272 25,275 25,283"
            " C25,291 16,295 0,296 C-20,296 -34,293 -34,284Z",
            Tone.SKIN_LIGHT,
        ),
        Layer("M-35,278 C-42,291 -33,303 -18,299 C-9,308 9,308 18,299 C33,303 42,291 35,278", Tone.SKIN_LINE, 5),
    ),
    NoseType.NARROW: (
        Layer("M8,204 C8,236 9,262 16,286 C16,297 8,304 -2,304 C4,281 3,240 8,204Z", Tone.NOSE),
        Layer("M-9,204 C-10,236 -11,262 -16,288 C-8,284 -4,262 -4,240Z", Tone.NOSE),
        Layer("M0,232 L0,288", Tone.SKIN_LIGHT, 6),
        Layer("M-14,288 C-15,296 -7,300 0,304 C7,300 15,296 14,288", Tone.SKIN_LINE, 5),
    ),
}
