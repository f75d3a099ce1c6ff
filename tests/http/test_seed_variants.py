"""Seeds: the same face by every address, and as many variants as the operator allows."""

import pytest

from avatars_as_a_service.settings import WrongSetting, load_settings
from tests.conftest import Serve

SEEDS = [f"user-{number}" for number in range(30)]


@pytest.mark.parametrize(("setting", "most"), [({}, 100), ({"AVATARS_SEED_VARIANTS": "20"}, 20)])
def test_a_seed_picks_among_the_variants_that_are_set(
    database: str, serve: Serve, setting: dict[str, str], most: int
) -> None:
    client = serve({"DB_STRING": database, **setting}).client

    variants = {client.get("/seeded", params={"seed": seed}).json()["variant"] for seed in SEEDS}

    assert max(variants) < most
    assert len(variants) > most // 10


def test_where_a_model_is_paid_users_share_the_faces_of_variant_0(paid: dict[str, str], serve: Serve) -> None:
    client = serve(paid).client

    assert {client.get("/seeded", params={"seed": seed}).json()["variant"] for seed in SEEDS} == {0}


def test_a_seed_is_one_face_in_a_query_and_a_picture_however_it_is_composed(database: str, serve: Serve) -> None:
    client = serve({"DB_STRING": database}).client
    composed, decomposed = "Zo\u00eb", "Zoe\u0308"

    keys = {
        client.post("/query", json={"seed": composed}).json()["data"]["image_hash"],
        client.post("/query", json={"seed": decomposed}).json()["data"]["image_hash"],
        client.get("/avatar", params={"seed": composed}).headers["X-Avatar-Hash"],
        client.get("/avatar", params={"seed": decomposed}).headers["X-Avatar-Hash"],
        client.get(f"/avatar/{decomposed}.png").headers["X-Avatar-Hash"],
    }
    given = client.post("/query", json={"seed": composed, "properties": {"variant": 3}}).json()["data"]["image_hash"]

    assert len(keys) == 1
    assert given not in keys


@pytest.mark.parametrize("value", ["0", "101", "many"])
def test_a_wrong_number_of_variants_names_the_setting(value: str, monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.setenv("AVATARS_SEED_VARIANTS", value)

    with pytest.raises(WrongSetting, match="AVATARS_SEED_VARIANTS"):
        load_settings()
