"""Module names: one name is one module, so that an editor's tab says which module it shows."""

from collections import Counter
from pathlib import Path

import avatars_as_a_service


def test_no_two_modules_have_one_name() -> None:
    modules = Path(avatars_as_a_service.__file__).parent.rglob("*.py")
    counts = Counter(module.name for module in modules if module.stem != "__init__")

    assert counts.total() > 100
    assert [name for name, count in counts.items() if count > 1] == []
