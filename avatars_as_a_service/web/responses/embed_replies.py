"""The response that shows a face in an ``<img>`` element: encoded here for every way that a request takes."""

from avatars_as_a_service.faces.embeds import Embed
from avatars_as_a_service.web.requests.embed_request import EmbedClient
from avatars_as_a_service.web.responses.encoded_headers import Header
from avatars_as_a_service.web.responses.hits import EncodedResponse
from avatars_as_a_service.web.responses.outcome import Outcome
from avatars_as_a_service.web.responses.pictures import KEPT, PROVISIONAL, picture_reply


def embed_reply(embed: Embed, client: EmbedClient, if_none_match: str | None) -> EncodedResponse:
    """The picture, or 304 if the client has it, with the key of its face and whether it is kept."""
    reply = picture_reply(
        embed.picture,
        lifetime=KEPT if embed.is_kept else PROVISIONAL,
        if_none_match=if_none_match,
        accepts_gzip=client.accepts_gzip,
        is_shared=client.is_shared,
        is_negotiated=client.is_negotiated,
        more=tuple(_headers(embed, client)),
    )
    reply.outcome = outcome_of_embed(embed)
    return reply


def outcome_of_embed(embed: Embed) -> Outcome:
    """What log and metrics name it."""
    return Outcome.HIT if embed.is_kept else Outcome.STAND_IN


def _headers(embed: Embed, client: EmbedClient) -> list[Header]:
    status = b"kept" if embed.is_kept else b"provisional"
    headers = [(b"x-avatar-status", status), (b"x-avatar-hash", embed.image_hash.encode())]
    if embed.path is not None:
        headers.append((b"link", f'<{client.base}{embed.path}>; rel="canonical"'.encode("latin-1")))
    if client.signature is not None:
        headers.append((b"x-avatar-signature", client.signature.encode()))
    return headers
