"""What is handed out to run it: nginx does what its configuration promises, and the manifests say what they should."""

import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final

import httpx
import kubernetes_validate  # type: ignore[import-untyped]  # it comes without types
import pytest
import yaml

from avatars_as_a_service.domain.signing import signed_query
from avatars_as_a_service.settings import Settings, load_settings, unknown_variables, variable
from avatars_as_a_service.storage.database_url import database_url
from avatars_as_a_service.wiring import check
from tests.conftest import Serve
from tests.support import patient
from tests.support.balancer import NGINX, Balancer, PlainProxy
from tests.support.clock import wait_until
from tests.support.concurrency import different_faces
from tests.support.databases import REQUIRED
from tests.support.fake_provider import LoopbackProvider
from tests.support.service_runner import ThreadedService, free_port

Json = dict[str, Any]
ROOT: Final = Path(__file__).parents[2]
SIGNING_KEY: Final = "planted-signing-key"
GRACE_S: Final = int(Settings.model_fields["provider_timeout_s"].default) + 30
COMPOSE: Final[Json] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: Final[Mapping[str, Json]] = COMPOSE["services"]
OURS: Final = [name for name in SERVICES if name.startswith("api")]
with_nginx = pytest.mark.skipif(NGINX is None and not REQUIRED, reason="there is no nginx")


class Upstream:
    """A server that counts requests, keeps what it was sent, and answers, or closes the connection instead."""

    def __init__(self, *, answers: bool, headers: str) -> None:
        self.requests: list[str] = []
        self._answers = answers
        self._answer = f"HTTP/1.1 200 OK\r\n{headers}Content-Length: 2\r\nConnection: close\r\n\r\n".encode()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Listen no longer."""
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                asked = connection.recv(65_536).decode()
                self.requests.append(asked)
                if self._answers:
                    connection.sendall(self._answer + (b"" if asked.startswith("HEAD ") else b"ok"))


@contextmanager
def upstream(*, answers: bool, headers: str = "") -> Iterator[Upstream]:
    server = Upstream(answers=answers, headers=headers)
    try:
        yield server
    finally:
        server.close()


def port_of(service: ThreadedService) -> int:
    return int(service.url.rpartition(":")[2])


def paying(provider: LoopbackProvider, folder: Path) -> dict[str, str]:
    return {
        "DB_STRING": f"sqlite:///{folder}/avatars.db",
        "OPENAI_API_KEY": "sk-planted-secret",
        "OPENAI_BASE_URL": provider.base_url,
    }


def signed_address(seed: str) -> str:
    return f"/avatar?{signed_query([('seed', seed)], SIGNING_KEY, expires=round(time.time()) + 86_400)}"


def said(nginx: Balancer, request: str) -> str:
    """What nginx answers to these lines and no others: a client library would put its own words into them."""
    with socket.create_connection(("127.0.0.1", nginx.port), timeout=120) as connection:
        connection.sendall(f"{request}\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: connection.recv(65_536), b"")).decode("latin-1")


def header(answer: str, name: str) -> str:
    lines = [line.partition(": ") for line in answer.partition("\r\n\r\n")[0].split("\r\n")]
    (value,) = [value for known, _, value in lines if known.lower() == name.lower()]
    return value


# --- nginx ---


@with_nginx
def test_pictures_and_avatars_come_from_the_cache_also_when_the_service_is_gone(serve: Serve, tmp_path: Path) -> None:
    service = serve({"DB_STRING": f"sqlite:///{tmp_path}/avatars.db"})
    face = different_faces(1)[0]
    with (
        Balancer([port_of(service)], tmp_path) as nginx,
        patient.Client(base_url=nginx.url) as client,
    ):
        picture = httpx.URL(client.post("/query", json=face).json()["data"]["image_url"])
        assert (picture.host, picture.port) == ("127.0.0.1", nginx.port)
        first = [client.get(path) for path in (picture.path, "/avatar?mood=official")]
        service.stop()

        again = [client.get(path) for path in (picture.path, "/avatar?mood=official")]
        lost = client.post("/query", json=face)

    assert [answer.headers["X-Cache"] for answer in first] == ["MISS", "MISS"]
    assert [answer.headers["X-Cache"] for answer in again] == ["HIT", "HIT"]
    assert [answer.content for answer in again] == [answer.content for answer in first]
    assert again[0].headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert lost.status_code == 502
    service.start = lambda: service  # type: ignore[method-assign]  # it is stopped already


@with_nginx
def test_a_post_that_was_sent_is_never_sent_again(tmp_path: Path) -> None:
    with (
        upstream(answers=False) as one,
        upstream(answers=False) as other,
        Balancer([one.port, other.port], tmp_path) as nginx,
    ):
        answer = httpx.post(f"{nginx.url}/query", json={}, timeout=120)

    assert answer.status_code == 502
    assert sorted(map(len, (one.requests, other.requests))) == [0, 1]


@with_nginx
def test_a_post_that_reached_nobody_goes_to_the_next(tmp_path: Path) -> None:
    with upstream(answers=True) as living, Balancer([free_port(), living.port], tmp_path) as nginx:
        answers = [httpx.post(f"{nginx.url}/query", json={}, timeout=120) for _ in range(6)]

    assert {answer.status_code for answer in answers} == {200}
    assert len(living.requests) == 6


@with_nginx
def test_a_get_that_fails_is_asked_of_the_next(tmp_path: Path) -> None:
    with (
        upstream(answers=False) as failing,
        upstream(answers=True) as living,
        Balancer([failing.port, living.port], tmp_path) as nginx,
    ):
        answers = [httpx.get(f"{nginx.url}/features", timeout=120) for _ in range(4)]

    assert {answer.status_code for answer in answers} == {200}


@with_nginx
def test_the_service_hears_who_asked_and_how_and_not_what_the_client_claims(tmp_path: Path) -> None:
    claimed = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "elsewhere.example",
        "X-Forwarded-Prefix": "/elsewhere",
        "Forwarded": "for=203.0.113.9",
        "Host": "faces.example",
    }
    with upstream(answers=True) as server, Balancer([server.port], tmp_path) as nginx:
        httpx.post(f"{nginx.url}/query", json={}, headers=claimed, timeout=120)

    (asked,) = server.requests
    headers = dict(line.split(": ", 1) for line in asked.partition("\r\n\r\n")[0].split("\r\n")[1:])
    assert headers["Host"] == "faces.example"
    assert headers["X-Forwarded-For"] == "127.0.0.1"
    assert headers["X-Forwarded-Proto"] == "http"
    assert headers["X-Forwarded-Host"] == "faces.example"
    assert not {"Forwarded", "X-Forwarded-Prefix"} & headers.keys()


@with_nginx
def test_metrics_and_seeds_stay_inside(tmp_path: Path) -> None:
    with upstream(answers=True) as server, Balancer([server.port], tmp_path) as nginx:
        assert patient.get(f"{nginx.url}/metrics").status_code == 404
        patient.get(f"{nginx.url}/avatar?seed=somebody")
        patient.get(f"{nginx.url}/avatar/somebody.png")
        wait_until(lambda: nginx.log().count("GET /avatar") == 2)

        assert "somebody" not in nginx.log()
    assert [asked.partition(" HTTP")[0] for asked in server.requests] == [
        "GET /avatar?seed=somebody",
        "GET /avatar/somebody.png",
    ]


@with_nginx
def test_head_of_a_signed_address_pays_nothing_through_nginx(
    serve: Serve, provider: LoopbackProvider, tmp_path: Path
) -> None:
    service = serve(paying(provider, tmp_path) | {"AVATARS_SIGNING_KEY": SIGNING_KEY})
    jane, john = signed_address("jane"), signed_address("john")
    with Balancer([port_of(service)], tmp_path) as nginx, patient.Client(base_url=nginx.url) as client:
        heads = [client.head(jane) for _ in range(3)]
        unsigned = [client.head("/avatar?seed=jane"), client.get("/avatar?seed=jane")]
        shown = client.get(john)
        wait_until(lambda: service.client.get("/stats").json()["faces"] >= 1)
    service.stop()  # what was begun has ended
    service.stop = lambda: None  # type: ignore[method-assign]  # it is stopped already

    assert {answer.headers["X-Avatar-Signature"] for answer in (*heads, shown)} == {"valid"}
    assert [answer.headers["X-Cache"] for answer in heads] == ["MISS", "HIT", "HIT"]
    assert [bool(answer.content) for answer in unsigned] == [False, True], "what is kept of HEAD is no answer to GET"
    assert len(provider.calls) == 1, "GET alone pays"


@with_nginx
def test_what_is_kept_of_head_is_renewed_by_head(tmp_path: Path) -> None:
    short = "Cache-Control: max-age=1\r\n"
    with upstream(answers=True, headers=short) as server, Balancer([server.port], tmp_path) as nginx:
        for _ in range(2):
            patient.head(f"{nginx.url}/avatar?seed=jane&sig=x")
            time.sleep(2)
        patient.head(f"{nginx.url}/avatar?seed=jane&sig=x")  # what is old is shown, and renewed behind it
        wait_until(lambda: len(server.requests) >= 3)

    assert {asked.partition(" ")[0] for asked in server.requests} == {"HEAD"}


@with_nginx
def test_no_host_reaches_another_visitor(serve: Serve, tmp_path: Path) -> None:
    """The first visitor's answer is kept: no later visitor is told the host, the scheme or the id that it claimed."""
    service = serve({"DB_STRING": f"sqlite:///{tmp_path}/avatars.db"})
    service.client.post("/query", json={"properties": {"mood": "official"}}).raise_for_status()
    path = "/avatar?mood=official"
    with Balancer([port_of(service)], tmp_path) as nginx:
        claims = {
            "port": f"GET {path} HTTP/1.1\r\nHost: faces.example:81",
            "capitals": f"GET {path} HTTP/1.1\r\nHost: FACES.example",
            "dot": f"GET {path} HTTP/1.1\r\nHost: faces.example.",
            "another name": f"GET {path} HTTP/1.1\r\nHost: evil.example",
            "whole address": f"GET http://faces.example{path} HTTP/1.1\r\nHost: evil.example:82",
            "headers": f"GET {path} HTTP/1.1\r\nHost: other.example\r\nX-Forwarded-Host: evil.example\r\n"
            "X-Forwarded-Proto: https\r\nForwarded: host=evil.example\r\nX-Request-ID: evil",
        }
        for claim in claims.values():
            assert said(nginx, claim).startswith("HTTP/1.1 200 ")
        visits = {
            host: [said(nginx, f"GET {path} HTTP/1.1\r\nHost: {host}\r\nX-Request-ID: visit-{turn}") for turn in (1, 2)]
            for host in ("faces.example", "other.example")
        }

    for host, (first, again) in visits.items():
        for answer in (first, again):
            assert header(answer, "Link").startswith(f"<http://{host}/images/")
            assert "evil" not in answer
        assert [header(answer, "X-Request-ID") for answer in (first, again)] == ["visit-1", "visit-2"]
        assert header(again, "X-Cache") == "HIT"


@with_nginx
def test_what_one_visitor_may_see_is_not_kept_for_another(serve: Serve, tmp_path: Path) -> None:
    key = {"X-API-Key": "planted-good-key"}
    service = serve(
        {
            "DB_STRING": f"sqlite:///{tmp_path}/avatars.db",
            "AVATARS_API_KEYS": "web:planted-good-key",
            "AVATARS_PRIVATE": "on",
        }
    )
    with Balancer([port_of(service)], tmp_path) as nginx, patient.Client(base_url=nginx.url) as client:
        picture = httpx.URL(client.post("/query", json={}, headers=key).json()["data"]["image_url"])
        paths = [picture.raw_path.decode(), "/avatar?mood=fun"]

        allowed = [client.get(path, headers=key).status_code for path in paths]
        others = [client.get(path).status_code for path in paths]

    assert (allowed, others) == ([200, 200], [401, 401])


@with_nginx
def test_behind_a_proxy_that_says_nothing_and_without_a_token_nobody_is_the_operator(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve, tmp_path: Path
) -> None:
    service = serve(paid)
    kept = service.client.post("/query", json=different_faces(1)[0]).raise_for_status().json()["data"]
    face, digest = f"/admin/faces/{kept['image_hash']}", kept["image_url"].rpartition("/")[2].partition(".")[0]
    changes = [
        ("POST", f"{face}/redraw"),
        ("DELETE", face),
        ("DELETE", f"/admin/pictures/{digest}"),
        ("DELETE", "/admin/descriptions?older_than=0d"),
    ]
    with PlainProxy([int(service.url.rpartition(":")[2])], tmp_path) as nginx:
        asked = [patient.request(method, url + path) for method, path in changes for url in (nginx.url, service.url)]
        seen = patient.get(f"{nginx.url}{httpx.URL(kept['image_url']).path}")

    assert [(answer.status_code, answer.json()["code"]) for answer in asked] == [(403, "admin_not_configured")] * 8
    assert seen.status_code == 200
    assert len(provider.calls) == 1


# --- Kubernetes ---


def manifests() -> dict[str, Json]:
    return {said["kind"]: said for said in yaml.safe_load_all((ROOT / "deploy" / "kubernetes.yaml").read_text())}


@pytest.mark.parametrize("version", ["1.33", kubernetes_validate.latest_version()])
def test_the_manifest_is_valid(version: str) -> None:
    assert manifests().keys() == {"Deployment", "Service"}
    for manifest in manifests().values():
        kubernetes_validate.validate(manifest, version, strict=True)


def test_a_pod_gets_the_time_to_finish_a_drawing_and_no_rights() -> None:
    pod = manifests()["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]

    assert pod["terminationGracePeriodSeconds"] >= GRACE_S
    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/data", "/tmp"}


def test_the_service_finds_the_pods() -> None:
    deployment, service = manifests()["Deployment"]["spec"], manifests()["Service"]["spec"]
    labels = deployment["template"]["metadata"]["labels"]
    (container,) = deployment["template"]["spec"]["containers"]

    assert service["selector"].items() <= labels.items()
    assert deployment["selector"]["matchLabels"].items() <= labels.items()
    assert service["ports"][0]["targetPort"] in {port["name"] for port in container["ports"]}


# --- Compose ---


def compose_check(path: Path) -> subprocess.CompletedProcess[str]:
    """Against the Compose specification's own schema, which the package brings along: no network."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_compose_file_has_the_form_of_the_specification() -> None:
    checked = compose_check(ROOT / "docker-compose.yml")

    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    ("key", "value"), [("stop_grace", "150s"), ("read_only", ["yes"]), ("healthcheck", {"retries": [3]})]
)
def test_the_specification_refuses_what_it_does_not_know(key: str, value: object, tmp_path: Path) -> None:
    wrong = {**COMPOSE, "services": {**SERVICES, "api": {**SERVICES["api"], key: value}}}
    (tmp_path / "docker-compose.yml").write_text(yaml.safe_dump(wrong))

    checked = compose_check(tmp_path / "docker-compose.yml")

    assert checked.returncode == 1
    assert "$.services.api" in checked.stdout


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_compose_service_names_is_there_and_started_with_it(name: str) -> None:
    service = SERVICES[name]
    profiles = set(service.get("profiles", ()))

    for needed, how in service.get("depends_on", {}).items():
        assert profiles <= set(SERVICES[needed].get("profiles", ())), f"{needed} is not started with {name}"
        if how["condition"] == "service_healthy" and needed not in OURS:
            assert "healthcheck" in SERVICES[needed], f"nobody can tell whether {needed} is healthy"
    for volume in service.get("volumes", ()):
        source = volume.partition(":")[0]
        assert source in COMPOSE["volumes"] or (ROOT / source).is_file()


@pytest.mark.parametrize("name", [name for name in SERVICES if name not in OURS])
def test_every_image_of_others_is_pinned(name: str) -> None:
    version = SERVICES[name]["image"].rpartition(":")[2]

    assert version.count(".") >= 1 or version.startswith("RELEASE.")


@pytest.mark.parametrize("name", OURS)
def test_our_containers_have_no_rights_a_volume_and_the_time_to_finish_a_drawing(name: str) -> None:
    service = SERVICES[name]

    assert int(service["stop_grace_period"].removesuffix("s")) >= GRACE_S
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert [volume.rpartition(":")[2] for volume in service["volumes"]] == ["/data"]
    assert not unknown_variables(service.get("environment", {}))


def started(*profiles: str) -> set[str]:
    """The services that ``docker compose up`` starts with these profiles: theirs, and those without a profile."""
    return {
        name
        for name, service in SERVICES.items()
        if not service.get("profiles") or {*profiles} & {*service["profiles"]}
    }


@pytest.mark.parametrize(
    ("profile", "ours"),
    [
        ("sqlite", {"api"}),
        ("postgres", {"api-postgres"}),
        ("mysql", {"api-mysql"}),
        ("scale", {"api-1", "api-2", "api-3"}),
    ],
)
def test_a_profile_starts_its_own_services_alone(profile: str, ours: set[str]) -> None:
    assert started(profile) & {*OURS} == ours


@pytest.mark.parametrize("name", OURS)
def test_a_host_port_or_spool_in_the_env_file_does_not_reach_a_container(name: str) -> None:
    """Compose lets ``environment`` override ``env_file``."""
    service = SERVICES[name]

    assert service["env_file"] == [{"path": ".env", "required": False}]
    pinned = {"AVATARS_HOST": "0.0.0.0", "AVATARS_PORT": "8000", "AVATARS_SPOOL": "/data/spool"}
    assert pinned.items() <= service["environment"].items()
    assert all(port.endswith(":8000") for port in service.get("ports", ()))


def with_values(text: str, values: Mapping[str, str]) -> str:
    """The text as Compose fills it in: ``${NAME:-default}``, the innermost first, and ``$$``."""
    pattern = re.compile(r"\$\{(\w+)(?::-([^${}]*))?\}")
    while found := pattern.search(text):
        text = text.replace(found[0], values.get(found[1]) or found[2] or "")
    return text.replace("$$", "$")


ENV_FILE: Final = {
    "AVATARS_PORT": "9000",
    "AVATARS_HOST": "127.0.0.1",
    "AVATARS_PUBLIC_URL": "https://faces.example/avatars",
    "AVATARS_TRUSTED_PROXIES": "10.1.2.3",
    "AVATARS_EDITION": "2",
    "POSTGRES_PASSWORD": "p@ss:word",
    "MYSQL_PASSWORD": "my@pass",
    "S3_PASSWORD": "s3-p@ss",
}
AWS: Final = {"AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
"""What obstore reads by itself."""


def of_container(environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of a service with this environment; each of its lines is read."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert not unknown_variables(environment)
    settings = load_settings()
    read = {variable(field) for field in settings.model_fields_set} | AWS
    assert {name for name, value in environment.items() if value and name.startswith(PREFIXES)} <= read
    check(settings)
    return settings


PREFIXES: Final = ("AVATARS_", "DB_", "OPENAI_", "AWS_")


@pytest.mark.parametrize("env_file", [{}, ENV_FILE], ids=["none", "env"])
@pytest.mark.parametrize("name", OURS)
def test_each_line_of_a_compose_environment_is_read_and_the_env_file_reaches_each_profile(
    monkeypatch: pytest.MonkeyPatch, name: str, env_file: dict[str, str]
) -> None:
    service = SERVICES[name]
    lines = {key: with_values(value, env_file) for key, value in service["environment"].items()}

    settings = of_container({**env_file, **lines}, monkeypatch)

    is_scaled, password = (
        name.startswith("api-") and name[-1].isdigit(),
        {"api-mysql": "my@pass"}.get(name, "p@ss:word"),
    )
    assert (settings.host, settings.port, str(settings.spool)) == ("0.0.0.0", 8000, "/data/spool")
    own = "http://localhost:8080" if is_scaled else None
    assert settings.public_url == env_file.get("AVATARS_PUBLIC_URL", own)
    assert settings.edition == env_file.get("AVATARS_EDITION", "1")
    assert (ip_network("10.1.2.3") in settings.trusted_proxies) is bool(env_file)
    if name != "api":
        url = database_url(settings.db_string.get_secret_value())
        assert (url.username, url.password, url.database) == ("avatars", password if env_file else "avatars", "avatars")
        assert url.host in service["depends_on"]
    published = [with_values(port, env_file) for each in (service, SERVICES["nginx"]) for port in each.get("ports", ())]
    assert {port.partition(":")[0] for port in published} <= (
        {"9000"} if env_file else {"8000", "8001", "8002", "8080"}
    )


@pytest.mark.parametrize(("server", "client"), [("postgres", "api-postgres"), ("mysql", "api-mysql")])
def test_a_database_of_compose_takes_the_password_that_the_service_sends(server: str, client: str) -> None:
    names = {f"{server.upper()}_{what}": key for what, key in {"USER": "username", "PASSWORD": "password"}.items()}
    given = {key: with_values(value, ENV_FILE) for key, value in SERVICES[server]["environment"].items()}
    url = database_url(with_values(SERVICES[client]["environment"]["DB_STRING"], ENV_FILE))

    assert {name: given[name] for name in names} == {name: getattr(url, key) for name, key in names.items()}


def test_each_line_of_the_pod_s_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "deploy" / "kubernetes.yaml").read_text()
    (container,) = manifests()["Deployment"]["spec"]["template"]["spec"]["containers"]
    secret = dict.fromkeys(re.findall(r"--from-literal=(\w+)=", text), "planted-text-of-a-secret")
    lines = {line["name"]: line["value"] for line in container["env"]}

    settings = of_container({**secret, "DB_STRING": "postgresql://u:planted@h/x\n", **lines}, monkeypatch)

    assert settings.public_url == "https://avatars.example.com"
    assert settings.admin_token is not None
    assert secret.keys() >= {"OPENAI_API_KEY", "DB_STRING", "AVATARS_ADMIN_TOKEN"}


@pytest.mark.parametrize(
    ("environment", "port"),
    [
        ({}, 8000),
        ({"PORT": "{}"}, 0),
        ({"AVATARS_PORT": "{}", "PORT": "1"}, 0),
        ({"AVATARS_PORT": "tcp://x:1", "PORT": "{}"}, 0),
    ],
)
@pytest.mark.slow
def test_the_image_s_health_check_asks_the_port_that_is_listened_on(environment: dict[str, str], port: int) -> None:
    (line,) = re.findall(r"HEALTHCHECK.*?CMD (\[.*?\])\n", (ROOT / "Dockerfile").read_text(), re.DOTALL)
    command = [sys.executable, *json.loads(line)[1:]]
    with upstream(answers=True) as server:
        if port:
            command[-1] = command[-1].replace(str(port), str(server.port))
        values = {name: value.format(server.port) for name, value in environment.items()}
        checked = subprocess.run(command, env=values, capture_output=True, timeout=60, check=False)

    assert checked.returncode == 0, checked.stderr
    assert [asked.partition(" HTTP")[0] for asked in server.requests] == ["GET /readyz"]


def test_manifests_and_documents_name_one_image() -> None:
    (container,) = manifests()["Deployment"]["spec"]["template"]["spec"]["containers"]
    image = container["image"]
    comments = (ROOT / "deploy" / "kubernetes.yaml").read_text()

    assert image.rpartition("/")[2].partition(":")[0] == "avatars-as-a-service"
    assert f"docker build -t {image} ." in comments
    assert f"docker push {image}" in comments
    assert {SERVICES[name]["image"] for name in OURS} == {"avatars-as-a-service"}


def test_three_replicas_stand_behind_nginx() -> None:
    behind = {name for name in OURS if "scale" in SERVICES[name].get("profiles", ())}
    configuration = (ROOT / "deploy" / "nginx.conf").read_text()

    assert behind == {"api-1", "api-2", "api-3"}
    assert all(f"server {name}:8000 " in configuration for name in behind)
