"""What openapi-python-client has generated, in the package ``generated`` beside this file."""

import json
import sys

from generated import AuthenticatedClient, Client
from generated.api.faces import face_state, list_faces, query
from generated.api.pictures import image
from generated.models import AnswerResponse, Artist, Mood, PropertiesRequest, QueryRequest

service, key = sys.argv[1:]
keyless, keyed = Client(service), AuthenticatedClient(service, key)
body = QueryRequest(seed="user-17", properties=PropertiesRequest(variant=1))
miss = query.sync(client=keyed, body=body)
hit = query.sync(client=keyless, body=body, prefer="wait=5")
refused = query.sync_detailed(client=keyless, body=QueryRequest(properties=PropertiesRequest(variant=100)))
assert isinstance(miss, AnswerResponse)
assert isinstance(hit, AnswerResponse)
state = face_state.sync(hit.data.image_hash, client=keyless, wait=1)
listed = list_faces.sync(client=keyless, artist=Artist.MODEL, variant=1)
name = hit.data.image_url.partition("?")[0].rpartition("/")[2]
picture = image.sync_detailed(name, client=keyless)
told = {
    "miss": miss.to_dict(),
    "hit": hit.to_dict(),
    "error": refused.status_code,
    "problem": [problem.to_dict() for problem in refused.parsed.detail],
    "picture": len(picture.content),
    "state": state.state.value,
    "mood": listed.faces[0].features.mood.value,
}
assert told["mood"] == Mood.FUN.value
print(json.dumps(told))
