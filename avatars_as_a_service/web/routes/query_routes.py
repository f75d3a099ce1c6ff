"""``POST /query`` and ``GET /features``."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Request

from avatars_as_a_service import errors
from avatars_as_a_service.domain.features import MAX_VARIANT, Features
from avatars_as_a_service.domain.query import KeyedQuery
from avatars_as_a_service.errors import NotJson
from avatars_as_a_service.faces.service import FaceService
from avatars_as_a_service.web.requests.caller import caller_of
from avatars_as_a_service.web.requests.headers import header_map
from avatars_as_a_service.web.requests.keyed_request import keyed_request
from avatars_as_a_service.web.requests.parsing import MAX_IDEMPOTENCY_KEY, is_json, parse_query
from avatars_as_a_service.web.requests.prefer import wait_preference
from avatars_as_a_service.web.responses.error_responses import documented
from avatars_as_a_service.web.responses.hits import EncodedResponse, face_reply
from avatars_as_a_service.web.responses.outcome import Outcome, set_outcome
from avatars_as_a_service.web.route_access import Access, declare
from avatars_as_a_service.web.schemas.openapi import response_headers
from avatars_as_a_service.web.schemas.requests import MAX_DESCRIPTION, PropertiesRequest
from avatars_as_a_service.web.schemas.responses import AnswerResponse, FeatureResponse, FeaturesResponse
from avatars_as_a_service.web.urls import PictureUrls

_ERRORS: Final = documented(
    errors.BodyTooLarge,
    errors.NotJson,
    errors.UnknownHost,
    errors.ApiKeyNeeded,
    errors.ApiKeyWrong,
    errors.ApiKeyRevoked,
    errors.OriginNotAllowed,
    errors.TooManyRequests,
    errors.TooManyFailures,
    errors.ConflictingFeatures,
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
    errors.PaidPictureUnsaved,
    errors.Draining,
    errors.DescriptionNeedsAModel,
    errors.ModerationUnavailable,
    errors.ProviderTimeout,
    takes_input=True,
)
_KEY_HELP: Final = (
    "For a description or `disable_cache`: a repeated request with the same key within 24 hours "
    "gets the same answer and costs nothing more."
)
_KEY_LENGTH: Final[dict[str, Any]] = {"minLength": 1, "maxLength": MAX_IDEMPOTENCY_KEY}
_PREFER_HELP: Final = (
    "`wait=N`: wait no longer than N seconds; `respond-async`: do not wait (RFC 7240). If the face is not ready by "
    "then, the answer is a 202 with the local artist's picture and a `Retry-After`. The drawing goes on; a later "
    "request gets it. For a description or `disable_cache` this works only with an `Idempotency-Key`."
)
_LATER: Final[dict[int | str, dict[str, Any]]] = {
    202: {
        "model": AnswerResponse,
        "description": "The face is still being drawn, and the client did not want to wait longer.",
        "headers": response_headers("Retry-After", "Preference-Applied", "X-Avatar-Reason"),
    },
    200: {"headers": response_headers("Retry-After", "X-Avatar-Reason")},
}


def query_router(faces: FaceService, urls: PictureUrls, *, seed_variants: int) -> APIRouter:
    """The routes of queries and of the features that they may give."""
    router = APIRouter(tags=["faces"])

    @router.post("/query/", include_in_schema=False)
    @router.post(
        "/query",
        response_model=AnswerResponse,
        response_description="The face: kept, drawn, or a stand-in.",
        responses=_LATER | _ERRORS,
        summary="Get a face",
    )
    @declare(Access.PAY)
    async def query(
        request: Request,
        idempotency_key: Annotated[str | None, Header(description=_KEY_HELP, json_schema_extra=_KEY_LENGTH)] = None,
        prefer: Annotated[str | None, Header(description=_PREFER_HELP)] = None,
    ) -> EncodedResponse:
        """A kept face comes at once and costs nothing. Any other face is drawn, stored and then served."""
        scope, preference = request.scope, wait_preference(request.headers.getlist("prefer") if prefer else ())
        known = keyed_request(scope)
        query = await parse(request, idempotency_key) if known is None else known.query()
        answer = await faces.get_or_draw(
            query, caller_of(scope), wait_s=None if preference is None else preference.seconds
        )
        set_outcome(scope, Outcome.of(answer))
        base = urls.base(scope, header_map(scope).get(b"host"), kept=answer.picture is not None)
        reply = face_reply(answer, base=base, path=urls.path(answer))
        more = [] if answer.reason is None else [("X-Avatar-Reason", answer.reason)]
        if preference is not None and answer.still_drawing:
            more.append(("Preference-Applied", preference.applied))
        return reply.with_headers(*more)

    async def parse(request: Request, idempotency_key: str | None) -> KeyedQuery:
        if not is_json(header_map(request.scope).get(b"content-type")):
            raise NotJson
        body = await request.body()
        return faces.with_key(parse_query(body, idempotency_key=idempotency_key, seed_variants=seed_variants))

    @router.get("/features", summary="The features of a face", response_description="The features and their values.")
    @declare(Access.OPEN)
    async def features() -> FeaturesResponse:
        """The features and their values, for building a form."""
        return FeaturesResponse(features=_FEATURES, max_variant=MAX_VARIANT, max_description=MAX_DESCRIPTION)

    return router


def _features() -> list[FeatureResponse]:
    schema = PropertiesRequest.model_json_schema()
    described = []
    for name, field in PropertiesRequest.model_fields.items():
        values = _values(schema, schema["properties"][name])
        if values:
            described.append(
                FeatureResponse(
                    name=name,
                    description=field.description or "",
                    values=values,
                    default=getattr(_UNGIVEN, name),
                )
            )
    return described


def _values(schema: dict[str, dict[str, dict[str, list[str]]]], field: object) -> list[str | bool]:
    """The values of an optional enumerated or boolean field, from its JSON schema; none of other fields."""
    if not isinstance(field, dict):
        return []
    for option in field.get("anyOf", ()):
        if option.get("type") == "boolean":
            return [False, True]
        kind = str(option.get("$ref", "")).rpartition("/")[2]
        if kind:
            return [*schema["$defs"][kind]["enum"]]
    return []


_UNGIVEN: Final = Features()
_FEATURES: Final = _features()
