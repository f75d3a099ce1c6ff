"""``POST /query`` and ``GET /features``."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Request

from avatars_as_a_service import errors
from avatars_as_a_service.errors import NotJson
from avatars_as_a_service.features import MAX_VARIANT
from avatars_as_a_service.service.conversation import Answer
from avatars_as_a_service.service.faces import Faces
from avatars_as_a_service.web.addresses import Addresses
from avatars_as_a_service.web.bodies import (
    MAX_DESCRIPTION,
    AnswerBody,
    FeatureBody,
    FeaturesBody,
    PropertiesBody,
)
from avatars_as_a_service.web.callers import caller_of
from avatars_as_a_service.web.gates import first_of_each
from avatars_as_a_service.web.parsing import is_json, parse_query
from avatars_as_a_service.web.prefer import patience
from avatars_as_a_service.web.problems import documented
from avatars_as_a_service.web.replies import Reply, face_reply

_ERRORS: Final = documented(
    errors.BodyTooLarge,
    errors.NotJson,
    errors.ApiKeyNeeded,
    errors.ApiKeyWrong,
    errors.ApiKeyRevoked,
    errors.OriginNotAllowed,
    errors.TooManyRequests,
    errors.Refused,
    errors.Flagged,
    errors.IdempotencyKeyReused,
    errors.BadIdempotencyKey,
    errors.UnusableAnswer,
    errors.DatabaseUnavailable,
    errors.BudgetExhausted,
    errors.LimitsUnavailable,
    errors.ProviderUnavailable,
    errors.ProviderQuota,
    errors.Busy,
    errors.KeepingBlocked,
    errors.Draining,
    errors.DescriptionNeedsAModel,
    errors.ModerationUnavailable,
    errors.ProviderTimeout,
    takes_input=True,
)
_KEY_HELP: Final = (
    "For a description or `disable_cache`: repeating a request with the same key (1 to 255 characters) within 24 hours "
    "gives the same answer and pays nothing more."
)
_PREFER_HELP: Final = (
    "`wait=N`: wait no longer than N seconds; `respond-async`: do not wait (RFC 7240). A face that is not there by "
    "then is a 202 with the local artist's picture and a `Retry-After`, while the drawing goes on; asking again gets "
    "it. For a description or `disable_cache` it is followed only with an `Idempotency-Key`."
)
_LATER: Final[dict[int | str, dict[str, Any]]] = {
    202: {
        "model": AnswerBody,
        "description": "The time that the client prefers to wait is over; the face is still being drawn.",
    }
}


def faces_router(faces: Faces, addresses: Addresses) -> APIRouter:
    """The routes by which faces are asked for."""
    router = APIRouter(tags=["faces"])

    @router.post(
        "/query",
        response_model=AnswerBody,
        response_description="The face, kept, drawn or stood in for.",
        responses=_LATER | _ERRORS,
        summary="Get a face",
    )
    async def query(
        request: Request,
        idempotency_key: Annotated[str | None, Header(description=_KEY_HELP)] = None,
        prefer: Annotated[list[str] | None, Header(description=_PREFER_HELP)] = None,
    ) -> Reply:
        """A kept face at once and for nothing; else one that is drawn, kept and then served."""
        headers = first_of_each(request.scope)
        if not is_json(headers.get(b"content-type")):
            raise NotJson
        wish = patience(prefer or ())
        query = parse_query(await request.body(), idempotency_key=idempotency_key)
        answer = await faces.query(query, caller_of(request.scope), wait_s=None if wish is None else wish.seconds)
        request.state.outcome = outcome(answer)
        base = addresses.base(request.scope, headers.get(b"host"), kept=answer.picture is not None)
        reply = face_reply(answer, base=base, path=addresses.path(answer))
        more = [] if answer.reason is None else [("X-Avatar-Reason", answer.reason)]
        if wish is not None and answer.ready_in is not None:
            more.append(("Preference-Applied", wish.said))
        return reply.with_headers(*more)

    @router.get("/features", summary="What a face can have", response_description="The features and their values.")
    async def features() -> FeaturesBody:
        """The features and their values, for building a form."""
        return FeaturesBody(features=_FEATURES, max_variant=MAX_VARIANT, max_description=MAX_DESCRIPTION)

    return router


def outcome(answer: Answer) -> str:
    """A word for the log."""
    if answer.cache_hit:
        return "hit"
    return "stand_in" if answer.provisional else "drawn"


def _features() -> list[FeatureBody]:
    schema = PropertiesBody.model_json_schema()
    described = []
    for name, field in PropertiesBody.model_fields.items():
        values = _values(schema, schema["properties"][name])
        if values:
            described.append(
                FeatureBody(name=name, description=field.description or "", values=values, default=field.default)
            )
    return described


def _values(schema: dict[str, dict[str, dict[str, list[str]]]], said: object) -> list[str | bool]:
    """The values of an enumerated or a yes-or-no field, from its JSON schema; of other fields none."""
    if not isinstance(said, dict):
        return []
    if said.get("type") == "boolean":
        return [False, True]
    for option in (said, *said.get("anyOf", ())):
        kind = str(option.get("$ref", "")).rpartition("/")[2]
        if kind:
            return [*schema["$defs"][kind]["enum"]]
    return []


_FEATURES: Final = _features()
