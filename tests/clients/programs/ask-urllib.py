"""Python's own urllib, and Pillow on what it opens."""

import json
import sys
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from PIL import Image

service, key = sys.argv[1:]


def post(body: dict[str, Any], **headers: str) -> Any:  # noqa: ANN401 - JSON
    request = Request(f"{service}/query", json.dumps(body).encode(), {"Content-Type": "application/json", **headers})
    with urlopen(request) as answer:
        return json.load(answer)


def refused(body: dict[str, Any]) -> int:
    try:
        post(body)
    except HTTPError as error:
        return error.code
    return 0


face = {"properties": {"variant": 1}}
miss, hit = post(face, Authorization=f"Bearer {key}"), post(face)
with Image.open(urlopen(hit["data"]["image_url"])) as picture:
    width = picture.width
print(json.dumps({"miss": miss, "hit": hit, "error": refused({"properties": {"mood": "sad"}}), "width": width}))
