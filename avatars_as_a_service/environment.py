"""The environment: the variables that set the service, from the process and from the file ``.env``.

It takes them as files, secrets and platforms write them: blanks and line ends around a value are removed, and a
platform's own ``PORT`` and ``WEB_CONCURRENCY`` stand in for the service's names.
"""

import io
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from dotenv import dotenv_values
from dotenv.parser import parse_stream

PREFIX: Final = "AVATARS_"
ENV_FILE: Final = Path(".env")
PORT: Final = f"{PREFIX}PORT"
_PLATFORM: Final = {"PORT": PORT, "WEB_CONCURRENCY": f"{PREFIX}WORKERS"}
"""The names that platforms use, and those that they stand in for."""
_LINK: Final = "tcp://"
_LINK_NAME: Final = re.compile(rf"{PREFIX}(PORT|SERVICE_HOST|SERVICE_PORT)(_|$)")
"""What Kubernetes sets in the pods beside a Service called ``avatars``."""
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")


class UnreadableEnvFile(Exception):
    """The file ``.env`` has no settings in it; ``problem`` says where and why."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"{ENV_FILE}: {problem}")
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Environment:
    """The variables by name. One that is set but empty counts as not set."""

    process: Mapping[str, str]
    file: Mapping[str, str]
    is_linked: bool
    """Whether Kubernetes has put the address of a Service called ``avatars`` into ``AVATARS_PORT``: it is left out."""

    @classmethod
    def read(cls) -> Self:
        """The variables of this process, and of ``.env`` in its folder. Raises ``UnreadableEnvFile``."""
        process = {name: value for name, value in os.environ.items() if value}
        is_linked = process.get(PORT, "").strip().startswith(_LINK)
        if is_linked:
            process = {name: value for name, value in process.items() if not _LINK_NAME.match(name)}
        return cls(process, _file(), is_linked)

    def values(self) -> dict[str, str]:
        """The values by name in capitals. The process's variables override those of the file."""
        found = {name.upper(): value for each in (self.file, self.process) for name, value in each.items()}
        return {own: found[name] for name, own in self.stand_ins().items()} | found

    def stand_ins(self) -> dict[str, str]:
        """The platform's variables that are used, and the variables that they stand in for."""
        given = {name.upper() for name in (*self.file, *self.process)}
        return {name: own for name, own in _PLATFORM.items() if name in self.process and own not in given}

    def own_names(self) -> list[str]:
        """The names that begin with ``AVATARS_``."""
        return sorted(name for name in {*self.file, *self.process} if name.upper().startswith(PREFIX))


def _file() -> dict[str, str]:
    if not (ENV_FILE.is_file() or ENV_FILE.is_fifo()):
        return {}
    try:
        text = _decoded(ENV_FILE.read_bytes())
    except OSError as refused:
        raise UnreadableEnvFile(f"cannot be read: {refused.strerror}") from refused
    for binding in parse_stream(io.StringIO(text)):
        if binding.error or (binding.key is not None and binding.value is None):
            blank_lines = len(binding.original.string) - len(binding.original.string.lstrip())
            line = binding.original.line + binding.original.string[:blank_lines].count("\n")
            raise UnreadableEnvFile(f"line {line} is no setting; write NAME=value, or # before a comment")
    return {name: value for name, value in dotenv_values(stream=io.StringIO(text)).items() if value}


def _decoded(data: bytes) -> str:
    if data.startswith(_UTF_16) or b"\0" in data:
        raise UnreadableEnvFile("is UTF-16, as PowerShell's > writes it; save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = data[: wrong.start].count(b"\n") + 1
        raise UnreadableEnvFile(f"line {line} is not UTF-8; save the file as UTF-8") from wrong
