"""Hit sender: sends a hit that no endpoint answers, with its request id and its CORS headers."""

from starlette.types import Send

from avatars_as_a_service.web.middleware.cors import CorsPolicy
from avatars_as_a_service.web.middleware.request_log import RequestLog
from avatars_as_a_service.web.responses.hits import EncodedResponse


class HitSender:
    """Sends hits in front of the middlewares that do the same for all other responses."""

    def __init__(self, log: RequestLog, cors: CorsPolicy | None) -> None:
        self._log = log
        self._cors = cors

    async def send(self, reply: EncodedResponse, headers: dict[bytes, bytes], send: Send) -> bytes:
        """Send the reply to a request with these headers, and return the request's id. The caller logs it."""
        request_id = self._log.request_id(headers)
        start = reply.raw_headers.plus(b"x-request-id", request_id)
        if self._cors is not None and not reply.is_shared:
            start = start.plus_all(await self._cors.headers_for(headers.get(b"origin")))
        await send({"type": "http.response.start", "status": reply.status_code, "headers": start})
        await send({"type": "http.response.body", "body": reply.body})
        return request_id
