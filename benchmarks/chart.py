"""The picture of a run: a bar for each figure, and a mark where it should be. Plain SVG."""

from collections.abc import Sequence
from html import escape
from typing import Final

from benchmarks.figure import Figure
from benchmarks.table import Results, conditions

_WIDTH: Final = 1000
_LEFT: Final = 420
_RIGHT: Final = 220
_LINE: Final = 22
_SCALE: Final = 1.25
"""Where the picture ends, in parts of the bar, or of the bare application."""
_COLOURS: Final = {"met": "#2a7f62", "MISSED": "#b3402f", "": "#8a94a0"}


def chart(results: Results) -> str:
    """One group for each part. What has a bar is drawn in relation to it, other ratios in relation to 1."""
    lines: list[str] = []
    y = 66
    for part, figures in results.items():
        lines.append(_text(12, y, part, weight="bold"))
        y += _LINE
        lines += [line for row, figure in enumerate(figures) for line in _row(y + row * _LINE, figure)]
        y += _LINE * len(figures) + 8
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{y}" viewBox="0 0 {_WIDTH} {y}" '
        'font-family="Helvetica, Arial, sans-serif" font-size="13">'
    )
    background = f'<rect width="{_WIDTH}" height="{y}" fill="#ffffff"/>'
    title = _text(12, 22, "Avatars as a Service: what was measured (bar) and what is asked (line)", weight="bold")
    return "\n".join([head, background, title, *lines, _small(12, 38, conditions()), "</svg>", ""])


def _row(y: int, figure: Figure) -> Sequence[str]:
    asked = figure.at_least if figure.at_least is not None else figure.at_most
    # Ratios to the bare application share one scale; everything else is shown against its own bar.
    whole = asked if asked and figure.at_most is not None else 1.0
    room = _WIDTH - _LEFT - _RIGHT
    length = max(min(figure.value / whole / _SCALE, 1) * room, 1)
    colour = _COLOURS[figure.verdict]
    lines = [
        _text(24, y, figure.name),
        _text(_LEFT + room + 10, y, figure.shown + (figure.bound and f" ({figure.bound})")),
    ]
    if asked is not None or figure.unit.startswith("x"):
        lines.append(f'<rect x="{_LEFT}" y="{y - 11}" width="{length:.1f}" height="14" fill="{colour}"/>')
    if asked is not None:
        x = _LEFT + asked / whole / _SCALE * room
        lines.append(f'<path d="M{x:.1f} {y - 14}v20" stroke="#1c2530" stroke-width="2"/>')
    return lines


def _text(x: float, y: float, words: str, *, weight: str = "normal") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" font-weight="{weight}" fill="#1c2530">{escape(words)}</text>'


def _small(x: float, y: float, words: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="11" fill="#5b6673">{escape(words)}</text>'
