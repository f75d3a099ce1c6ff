"""Colours: written ``#rrggbb``, and mixed."""


def mixed(colour: str, other: str, percent: int) -> str:
    """Mix this percentage of the other colour into the colour."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{(mine * (100 - percent) + theirs * percent + 50) // 100:02x}" for mine, theirs in pairs)


def darker(colour: str, percent: int) -> str:
    """Mix this percentage of black into the colour."""
    return mixed(colour, "#000000", percent)


def lighter(colour: str, percent: int) -> str:
    """Mix this percentage of white into the colour."""
    return mixed(colour, "#ffffff", percent)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
