"""Secrets: whatever happens, none is written where somebody may read it."""

import traceback
from pathlib import Path
from typing import Final

import httpx
import pytest

from avatars_as_a_service.settings import Settings, load_settings
from avatars_as_a_service.storage.database_url import database_url, redacted
from avatars_as_a_service.web.app import Site
from avatars_as_a_service.wiring import assemble
from tests.support.concurrency import Json
from tests.support.fake_provider import LoopbackProvider, Mode
from tests.support.service_runner import processes

MARK: Final = "planted"
SECRETS: Final = {
    "OPENAI_API_KEY": "sk-planted-openai",
    "AVATARS_API_KEYS": "shop:planted-key-of-the-shop,blog:planted-key-of-the-blog",
    "AVATARS_ADMIN_TOKEN": "planted-admin-token",
    "AVATARS_SIGNING_KEY": "planted-signing-key",
    "AVATARS_REDIS_URL": "redis://:planted-redis-password@127.0.0.1:6379/9",
}
KEYS: Final = ("planted-key-of-the-shop", "planted-wrong-key", "planted-admin-token", "planted-signing-key")


def test_nothing_that_a_service_writes_or_answers_holds_one(provider: LoopbackProvider, tmp_path: Path) -> None:
    """Each kind of request, of caller and of failure; Redis refuses a password that it does not ask for."""
    environment = {
        **SECRETS,
        "DB_STRING": f"sqlite:///{tmp_path}/x.db",
        "OPENAI_BASE_URL": provider.base_url,
        "AVATARS_RATE_LIMIT": "1000/minute",
        "AVATARS_LOG_EVERY_NTH_HIT": "1",
        "AVATARS_RETRY_WAIT_S": "0.01",
    }
    with processes(environment, tmp_path) as [service]:
        said = _ask_for_everything(service.url, provider)
        service.stop()
        written = service.log() + "".join(
            path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".db"
        )

    assert "limits_unavailable" in said
    assert "admin_token_wrong" in said
    assert "request" in written
    assert MARK not in said
    assert MARK not in written


def _ask_for_everything(url: str, provider: LoopbackProvider) -> str:
    answers: list[httpx.Response] = []
    with httpx.Client(base_url=url, timeout=120) as client:
        for number, key in enumerate(KEYS):
            headers = {"Authorization": f"Bearer {key}"}
            bodies: list[Json] = [{}, {"disable_cache": True}]
            bodies += [{"properties": {"variant": number}}, {"properties": {"mood": "x"}}]
            for mode in (Mode.OK, Mode.UNAUTHORIZED, Mode.CLOSES, Mode.SERVER_ERROR):
                provider.mode = mode
                answers += [client.post("/query", json=body, headers=headers) for body in bodies]
            paths = ("/stats", "/metrics", "/docs", "/openapi.json", "/nowhere", f"/avatar?sig={'0' * 64}&exp=1")
            answers += [client.get(path, headers=headers) for path in paths]
            answers.append(client.request("DELETE", f"/admin/faces/{'0' * 32}", headers=headers))
    return "".join(f"{answer.headers}{answer.text}" for answer in answers)


def test_settings_show_none_however_they_are_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**SECRETS, "DB_STRING": "postgresql://me:planted-password@127.0.0.1/x"}.items():
        monkeypatch.setenv(name, value)

    settings = load_settings()

    shown_anywhere = [repr(settings), str(settings), repr(settings.model_dump()), _with_locals(settings)]
    shown_anywhere.append(redacted(database_url(settings.db_string.get_secret_value())))
    assert not [text for text in shown_anywhere if MARK in text]
    assemble(settings)


def test_the_site_s_description_shows_none() -> None:
    fields = {"urls": None, "cors_origins": (), "log_every_nth_hit": 1}
    site = Site(**fields, signing_key="planted-key", admin_token="planted-token")  # type: ignore[arg-type]  # no URLs are needed

    assert MARK not in repr(site)


def _with_locals(settings: Settings) -> str:
    """A traceback as tools write it that show variables."""
    try:
        return str(int(f"something with {settings.openai_api_key}"))
    except ValueError as error:
        return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
