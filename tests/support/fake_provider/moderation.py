"""The moderation API: which texts are flagged."""

from tests.support.fake_provider.modes import Json

CATEGORIES = (
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
)
FLAG_WORD = "flagme"


def moderated_texts(body: Json) -> list[str]:
    """Return each text to be judged: a text, a list of texts, or the parts of one message."""
    given = body.get("input", "")
    if isinstance(given, str):
        return [given]
    if all(isinstance(part, str) for part in given):
        return list(given)
    return [" ".join(part.get("text", "") for part in given)]


def moderation_result(text: str, *, flagged: bool) -> Json:
    """Judge one text."""
    flagged = flagged or FLAG_WORD in text.lower()
    hit = {"violence", "harassment"} if flagged else set()
    return {
        "flagged": flagged,
        "categories": {name: name in hit for name in CATEGORIES},
        "category_scores": {name: 0.98 if name in hit else 0.0001 for name in CATEGORIES},
        "category_applied_input_types": {name: ["text"] for name in CATEGORIES},
    }
