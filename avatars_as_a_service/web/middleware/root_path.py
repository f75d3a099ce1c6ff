"""Root path: the path below which clients see the service, as its server says it or as ``AVATARS_ROOT_PATH`` does."""

from starlette.types import ASGIApp, Receive, Scope, Send

from avatars_as_a_service.web.middleware.cached_hits import CachedHits
from avatars_as_a_service.web.responses.encoded_headers import WholeReply
from avatars_as_a_service.web.urls import set_root_path


class RootPath:
    """Leaves the root path out of a request's path, so that all other parts compare paths as they are routed.

    A server that has a root path puts it in front of each path.
    """

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self._app = app
        self._hits = app if isinstance(app, CachedHits) else None
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its path from the root path on."""
        root = scope.get("root_path")
        if root:
            scope = {**scope, "path": _below(root, scope["path"]), "root_path": ""}
            set_root_path(scope, root.rstrip("/"))
        elif self._root_path:
            set_root_path(scope, self._root_path)
        await self._app(scope, receive, send)

    def answer_now(self, scope: Scope, body: bytes) -> WholeReply | None:
        """As ``CachedHits.answer_now``, where hits are answered without a check before."""
        if self._hits is None or scope.get("root_path"):
            return None
        if self._root_path:
            set_root_path(scope, self._root_path)
        return self._hits.answer_now(scope, body)


def _below(root: str, path: str) -> str:
    root = root.rstrip("/")
    return path[len(root) :] or "/" if path == root or path.startswith(f"{root}/") else path
