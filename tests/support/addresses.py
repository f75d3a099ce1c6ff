"""Addresses of pictures, as answers have them."""


def original(url: str, extension: str) -> str:
    """The address of the original, of which the answer's address shows another size or format."""
    before, dot, digest = url.partition("?")[0].rpartition(".")[0].rpartition("/images/")
    assert dot, f"{url} is no address of a kept picture"
    return f"{before}/images/{digest}.{extension}"


def digest(url: str) -> str:
    """The digest in a picture's address."""
    return original(url, "").rpartition("/")[2].removesuffix(".")
