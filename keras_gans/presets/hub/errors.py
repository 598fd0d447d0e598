"""What can go wrong with a folder elsewhere. `cache` turns these into the errors that users see."""


class UnreachableError(OSError):
    """A server did not answer, or not completely, however often it was asked."""


class RefusedError(Exception):
    """A server answered that it does not give a file.

    Attributes:
        status: HTTP status code.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class WrongFileError(Exception):
    """A server gives a file that is not the one it should be."""
