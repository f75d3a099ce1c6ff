"""The provider that a test starts, steers and reads the counts of."""

from __future__ import annotations

import contextlib
import itertools
import resource
import threading
from collections import deque
from dataclasses import dataclass, field, fields
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from tests.support.codings import Coding
from tests.support.fake_provider.image_request import Call
from tests.support.fake_provider.images import HostedPicture, Picture
from tests.support.fake_provider.modes import Billing, Json, Mode, ModerationMode
from tests.support.fake_provider.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType


@dataclass
class Switches:
    """What a test may set at any time; `LoopbackProvider.reset` takes all of it back.

    `once` holds the mode of the next call with that prompt, `script` the modes of the next other calls, in order; after
    them `mode` holds. `delay` is in seconds, before every
    image answer; `slow_s` is what SLOW adds; `trickle_s` is the time between two bytes of TRICKLE. `models` gives the
    `shutdown_date` of each model listed. `redirect_to` is where URL_REDIRECT leads, else to the picture. `coding` is
    how the body of every answer but those to `/_control` is packed, whatever the client accepts.
    """

    mode: Mode = Mode.OK
    once: dict[str, Mode] = field(default_factory=dict)
    script: deque[Mode] = field(default_factory=deque)
    delay: float = 0.0
    slow_s: float = 2.0
    trickle_s: float = 1.0
    usage: bool = True
    key: str | None = None
    retry_after: str | None = "0.2"
    moderation: ModerationMode = "ok"
    redirect_to: str | None = None
    coding: Coding = Coding.NONE
    models: dict[str, str | None] = field(
        default_factory=lambda: {
            "gpt-image-2.5-flare": None,
            "gpt-image-2": None,
            "gpt-image-1.5": "2026-12-01",
            "gpt-image-1-mini": "2026-12-01",
            "omni-moderation-latest": None,
        }
    )


class LoopbackProvider(Switches):
    """An image provider on 127.0.0.1, run by threads of its own while the context is open.

    Everything that it counts may be read from any thread. Pictures are numbered through its whole life, so no two are
    the same, even after `reset`.
    """

    def __init__(self, *, port: int = 0, mode: Mode = Mode.OK, delay: float = 0.0, key: str | None = None) -> None:
        """Prepare a provider; it listens on `port` (0: any free one) once the context is entered."""
        super().__init__(mode=mode, delay=delay, key=key)
        self.stopped = threading.Event()
        self._initial = partial(Switches, mode=mode, delay=delay, key=key)
        self._port = port
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._request_numbers = itertools.count(1)
        self._hosted: dict[int, HostedPicture] = {}
        self._servers: list[Server] = []
        self._forget()

    def __enter__(self) -> Self:
        """Start to listen, on `base_url` and on a second port that nobody should call."""
        _allow_many_sockets()
        self.stopped.clear()
        self._servers = [Server(self, self._port), Server(self, 0, private=True)]
        for server in self._servers:
            server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Break off what is still being answered, and stop listening."""
        self.stopped.set()
        for server in self._servers:
            server.stop()
        self._servers = []

    @property
    def base_url(self) -> str:
        """What a client is given as the API's base URL; ends in `/v1`."""
        return f"{self.origin}/v1"

    @property
    def origin(self) -> str:
        """The scheme, host and port."""
        return self._servers[0].origin

    @property
    def private_origin(self) -> str:
        """The scheme, host and port of the second listener, to which URL_PRIVATE leads."""
        return self._servers[1].origin

    @property
    def calls(self) -> list[Call]:
        """The image generations asked for so far, in order."""
        with self._lock:
            return list(self._calls)

    @property
    def paid(self) -> int:
        """How many image calls a real provider bills, or may bill because its answer was lost (see `billing`)."""
        return sum(call.billing is not Billing.NO for call in self.calls)

    @property
    def maybe_paid(self) -> int:
        """How many of `paid` are in doubt."""
        return sum(call.billing is Billing.MAYBE for call in self.calls)

    @property
    def moderations(self) -> list[Json]:
        """The bodies of the moderation requests so far, in order."""
        with self._lock:
            return list(self._moderations)

    @property
    def downloads(self) -> int:
        """How many times one of its pictures was asked for by URL, whether it was sent or not."""
        with self._lock:
            return self._downloads

    @property
    def intrusions(self) -> int:
        """How many requests the private port had."""
        with self._lock:
            return self._intrusions

    def reset(self) -> None:
        """Forget the counts and the script, and set every switch to how the provider was built."""
        with self._lock:
            self._forget()
        self.script.clear()
        initial = self._initial()
        for switch in fields(Switches):
            setattr(self, switch.name, getattr(initial, switch.name))

    def set_switches(self, values: Json) -> None:
        """Set switches from JSON, all or none.

        Raises:
            ValueError: for a switch or mode that does not exist.
            TypeError: for a script that is no list.

        """
        known = {switch.name for switch in fields(Switches)}
        if unknown := sorted(values.keys() - known):
            message = f"no such switch: {', '.join(unknown)}; there are: {', '.join(sorted(known))}"
            raise ValueError(message)
        readers: dict[str, Callable[[Any], Any]] = {
            "mode": Mode,
            "coding": Coding,
            "script": lambda names: deque(map(Mode, names)),
            "once": lambda modes: {prompt: Mode(mode) for prompt, mode in modes.items()},
        }
        read = {name: readers[name](value) if name in readers else value for name, value in values.items()}
        for name, value in read.items():
            setattr(self, name, value)

    def state(self) -> Json:
        """Return the counts as JSON, for a run in another process."""
        calls = self.calls
        return {
            "base_url": self.base_url,
            "mode": self.mode,
            "delay": self.delay,
            "script": list(self.script),
            "calls": len(calls),
            "paid": self.paid,
            "maybe_paid": self.maybe_paid,
            "prompts": [call.body.get("prompt") for call in calls],
            "moderations": self.moderations,
            "downloads": self.downloads,
            "intrusions": self.intrusions,
        }

    def hold_next(self) -> threading.Event:
        """Hold the answer to the next call that is not held yet, until the event is set."""
        held = threading.Event()
        self._held.append(held)
        return held

    def next_hold(self) -> threading.Event | None:
        """Take the event that the next call waits for."""
        try:
            return self._held.popleft()
        except IndexError:
            return None

    def next_mode(self, prompt: str = "") -> Mode:
        """Take the mode of that prompt's next call, else the next of the script, else the standing one."""
        if prompt in self.once:
            return self.once.pop(prompt)
        try:
            return self.script.popleft()
        except IndexError:
            return self.mode

    def next_number(self) -> int:
        """Return a number that no other picture has."""
        return next(self._numbers)

    def next_request_id(self) -> str:
        """Return an id that no other answer has."""
        return f"req_{next(self._request_numbers)}"

    def record_call(self, call: Call) -> None:
        """Count an image generation."""
        with self._lock:
            self._calls.append(call)

    def record_moderation(self, body: Json) -> None:
        """Count a moderation."""
        with self._lock:
            self._moderations.append(body)

    def record_intrusion(self) -> None:
        """Count a request to the private port."""
        with self._lock:
            self._intrusions += 1

    def host(self, picture: Picture, mode: Mode) -> str:
        """Keep a picture for download and return its path."""
        self._hosted[picture.number] = HostedPicture(picture, mode)
        folder = "redirect" if mode is Mode.URL_REDIRECT else "files"
        return f"/{folder}/{picture.number}.{picture.format}"

    def download(self, number: int) -> tuple[HostedPicture, int] | None:
        """Count a download; return what is kept under `number`, and how many downloads of it came before."""
        with self._lock:
            self._downloads += 1
            hosted = self._hosted.get(number)
            if hosted is None:
                return None
            hosted.downloads += 1
            return hosted, hosted.downloads - 1

    def _forget(self) -> None:
        self._held: deque[threading.Event] = deque()
        self._calls: list[Call] = []
        self._moderations: list[Json] = []
        self._downloads = 0
        self._intrusions = 0


def _allow_many_sockets() -> None:
    """Lift the soft limit on open files: a thousand connections need more than the usual 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
