"""The supervisor: uvicorn's own, which starts the workers and replaces those that end."""

from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess


class Supervisor(Multiprocess):
    """Uvicorn's supervisor, but it does not wait for an answer from a dead worker."""

    def keep_subprocess_alive(self) -> None:
        """Replace each worker that has ended or hangs.

        Uvicorn keeps the worker's end of the pipe open in this process too. Such a pipe does not end with the worker,
        and a ping to a worker that is killed before it answers waits as long as a ping to one that hangs.
        """
        for process in self.processes:
            process.child_conn.close()
        super().keep_subprocess_alive()

    @property
    def has_failed(self) -> bool:
        """Whether it ended because a worker could not start."""
        return any(process.exitcode == STARTUP_FAILURE for process in self.processes)
