"""``python -m avatars_as_a_service`` runs the command ``avatars``."""


def main() -> None:
    """Run the command.

    A worker of ``avatars serve`` imports this module first. It must import no more before it watches its supervisor.
    """
    from avatars_as_a_service.cli import main as run  # noqa: PLC0415 - see above

    run()


if __name__ == "__main__":
    main()
