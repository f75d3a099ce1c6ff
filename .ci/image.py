"""What an image says of how it is run, one value a line: ``python3 .ci/image.py image.json Env``."""

import json
import sys
from pathlib import Path

path, name = sys.argv[1:]
said = json.loads(Path(path).read_text())["Docker"]["config"].get(name) or []
if name == "Healthcheck":
    said = said["Test"][1:]
sys.stdout.writelines(f"{value}\n" for value in ([said] if isinstance(said, str) else said))
