"""``POST /query``: a miss draws, keeps and answers; a hit costs nothing."""

from hashlib import sha256

from tests.conftest import Serve
from tests.support import patient
from tests.support.addresses import digest, original
from tests.support.databases import on_every_database
from tests.support.fake_provider import LoopbackProvider

OFFICIAL = {
    "skin_tone": "fair",
    "head_shape": "oval",
    "eye_color": "blue",
    "smile_type": "closed-lip",
    "nose_type": "button",
    "glasses": True,
    "mood": "official",
}


@on_every_database
def test_a_face_is_paid_for_once_and_then_kept(paid: dict[str, str], provider: LoopbackProvider, serve: Serve) -> None:
    service = serve(paid)

    first = service.client.post("/query", json={"properties": OFFICIAL}).json()
    second = service.client.post("/query", json={"properties": OFFICIAL}).json()

    assert (first["cache_hit"], second["cache_hit"]) == (False, True)
    assert first["data"] == second["data"]
    assert first["data"]["image_hash"] == "037332244527bf34823d0f9efc2ec4bb"
    assert first["cost_usd"] > 0
    assert second["cost_usd"] == 0
    assert len(provider.calls) == 1


@on_every_database
def test_a_restarted_service_still_has_the_face(paid: dict[str, str], provider: LoopbackProvider, serve: Serve) -> None:
    first = serve(paid).client.post("/query", json={"properties": OFFICIAL}).json()

    again = serve(paid).client.post("/query", json={"properties": OFFICIAL}).json()

    assert again["cache_hit"]
    assert again["data"]["image_hash"] == first["data"]["image_hash"]
    assert len(provider.calls) == 1


@on_every_database
def test_the_picture_is_served_byte_for_byte(paid: dict[str, str], serve: Serve) -> None:
    service = serve(paid)

    url = service.client.post("/query", json={}).json()["data"]["image_url"]
    shown, drawn = patient.get(url), patient.get(original(url, "webp"))

    assert url.endswith(".webp?size=256")
    for picture in (shown, drawn):
        assert picture.headers["content-type"] == "image/webp"
        assert "immutable" in picture.headers["cache-control"]
    assert drawn.headers["etag"].strip('"') == digest(url) == sha256(drawn.content).hexdigest()
