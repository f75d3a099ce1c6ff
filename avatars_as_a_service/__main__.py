"""``python -m avatars_as_a_service`` is the command ``avatars``."""

from avatars_as_a_service.cli import main

main()
