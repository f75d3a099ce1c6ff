"""What is handed out to run it: nginx does what its configuration promises, and the manifests say what they should."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import kubernetes_validate  # type: ignore[import-untyped]  # it comes without types
import pytest
import yaml

from avatars_as_a_service.settings import Settings, unknown_variables
from tests import patient
from tests.balancer import NGINX, Balancer
from tests.conftest import Serve
from tests.crowds import different_faces
from tests.databases import REQUIRED
from tests.services import free_port, wait_until

Json = dict[str, Any]
ROOT: Final = Path(__file__).parent.parent
GRACE_S: Final = int(Settings.model_fields["provider_timeout_s"].default) + 30
COMPOSE: Final[Json] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: Final[Mapping[str, Json]] = COMPOSE["services"]
OURS: Final = [name for name in SERVICES if name.startswith("api")]
with_nginx = pytest.mark.skipif(NGINX is None and not REQUIRED, reason="there is no nginx")


class Upstream:
    """A server that counts requests, keeps what it was sent, and answers, or closes the connection instead."""

    def __init__(self, *, answers: bool) -> None:
        self.requests: list[str] = []
        self._answers = answers
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
                self.requests.append(connection.recv(65_536).decode())
                if self._answers:
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")


@contextmanager
def upstream(*, answers: bool) -> Iterator[Upstream]:
    server = Upstream(answers=answers)
    try:
        yield server
    finally:
        server.close()


# --- nginx ---


@with_nginx
def test_pictures_and_avatars_come_from_the_cache_also_when_the_service_is_gone(serve: Serve, tmp_path: Path) -> None:
    service = serve({"DB_STRING": f"sqlite:///{tmp_path}/avatars.db"})
    face = different_faces(1)[0]
    with (
        Balancer([int(service.url.rpartition(":")[2])], tmp_path) as nginx,
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
        answer = httpx.post(f"{nginx.url}/query", json={}, timeout=30)

    assert answer.status_code == 502
    assert sorted(map(len, (one.requests, other.requests))) == [0, 1]


@with_nginx
def test_a_post_that_reached_nobody_goes_to_the_next(tmp_path: Path) -> None:
    with upstream(answers=True) as living, Balancer([free_port(), living.port], tmp_path) as nginx:
        answers = [httpx.post(f"{nginx.url}/query", json={}, timeout=30) for _ in range(6)]

    assert {answer.status_code for answer in answers} == {200}
    assert len(living.requests) == 6


@with_nginx
def test_a_get_that_fails_is_asked_of_the_next(tmp_path: Path) -> None:
    with (
        upstream(answers=False) as failing,
        upstream(answers=True) as living,
        Balancer([failing.port, living.port], tmp_path) as nginx,
    ):
        answers = [httpx.get(f"{nginx.url}/features", timeout=30) for _ in range(4)]

    assert {answer.status_code for answer in answers} == {200}


@with_nginx
def test_the_service_hears_who_asked_and_how_and_not_what_the_client_claims(tmp_path: Path) -> None:
    claimed = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "elsewhere.example",
        "Forwarded": "for=203.0.113.9",
        "Host": "faces.example",
    }
    with upstream(answers=True) as server, Balancer([server.port], tmp_path) as nginx:
        httpx.post(f"{nginx.url}/query", json={}, headers=claimed, timeout=30)

    (asked,) = server.requests
    headers = dict(line.split(": ", 1) for line in asked.partition("\r\n\r\n")[0].split("\r\n")[1:])
    assert headers["Host"] == "faces.example"
    assert headers["X-Forwarded-For"] == "127.0.0.1"
    assert headers["X-Forwarded-Proto"] == "http"
    assert headers["X-Forwarded-Host"] == "faces.example"
    assert "Forwarded" not in headers


@with_nginx
def test_metrics_and_seeds_stay_inside(tmp_path: Path) -> None:
    with upstream(answers=True) as server, Balancer([server.port], tmp_path) as nginx:
        assert patient.get(f"{nginx.url}/metrics").status_code == 404
        patient.get(f"{nginx.url}/avatar?seed=somebody")
        wait_until(lambda: "/avatar" in nginx.log(), 30)

        assert "somebody" not in nginx.log()
    assert len(server.requests) == 1


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


def test_three_replicas_stand_behind_nginx() -> None:
    behind = {name for name in OURS if "scale" in SERVICES[name].get("profiles", ())}
    configuration = (ROOT / "deploy" / "nginx.conf").read_text()

    assert behind == {"api-1", "api-2", "api-3"}
    assert all(f"server {name}:8000 " in configuration for name in behind)
