"""OpenTelemetry by its standard variables, sent to a small receiver on loopback."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.support import patient
from tests.support.service_runner import processes


class Receiver(ThreadingHTTPServer):
    """Takes OTLP over HTTP and keeps what it is sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[tuple[str, bytes]] = []

    @property
    def url(self) -> str:
        """What a sender is given."""
        return f"http://127.0.0.1:{self.server_port}"

    def spans(self) -> list[tuple[str, dict[str, str], str]]:
        """The name, the attributes and the service of each span."""
        found = []
        for body in self._bodies("/v1/traces"):
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                owner = {item.key: item.value.string_value for item in resource.resource.attributes}
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        said = {item.key: item.value.string_value for item in span.attributes}
                        found.append((span.name, said, owner["service.name"]))
        return found

    def metrics(self) -> set[str]:
        """The names of the metrics."""
        return {
            metric.name
            for body in self._bodies("/v1/metrics")
            for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }

    def _bodies(self, path: str) -> list[bytes]:
        return [body for sent_to, body in self.received if sent_to == path]


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        """Keep it."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        running.shutdown()
        running.server_close()


def test_spans_and_durations_go_to_the_receiver_that_the_variables_name(tmp_path: Path) -> None:
    with receiver() as told:
        environment = {
            "DB_STRING": f"sqlite:///{tmp_path}/avatars.db",
            "OTEL_EXPORTER_OTLP_ENDPOINT": told.url,
            "OTEL_EXPORTER_OTLP_COMPRESSION": "none",
            "OTEL_SERVICE_NAME": "faces",
            "AVATARS_FACES_IN_MEMORY": "1",
        }
        with processes(environment, tmp_path) as [service]:
            drawn, other, from_database, from_memory = (
                patient.post(f"{service.url}/query", json={"properties": {"mood": mood}}).raise_for_status().json()
                for mood in ("fun", "official", "fun", "fun")
            )
            patient.get(f"{service.url}/avatar?seed=someone-by-name&mood=fun")
            for path in ("someone-by-name.png", "someone-by-name", "someone-by-name/x", "someone-by-name?mood=x"):
                patient.get(f"{service.url}/avatar/{path}")
            assert service.stop() == 0

    spans = told.spans()
    assert [answer["cache_hit"] for answer in (drawn, other, from_database, from_memory)] == [False, False, True, True]
    assert [(name, owner) for name, _, owner in spans].count(("POST /query", "faces")) == 2  # hits send none
    assert not [name for name, said, _ in spans if "someone-by-name" in str(said)]
    assert "http.server.request.duration" in told.metrics()


def test_without_the_variables_nothing_is_set_up(tmp_path: Path) -> None:
    with processes({"DB_STRING": f"sqlite:///{tmp_path}/avatars.db"}, tmp_path) as [service]:
        patient.post(f"{service.url}/query", json={}).raise_for_status()

        assert "telemetry" not in service.log().lower()
