"""Repositories on the Hugging Face Hub, through `huggingface_hub`: downloads and uploads."""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from keras_gans._version import __version__
from keras_gans.presets.hub.address import Address, hub_endpoint, is_address, parse
from keras_gans.presets.hub.errors import RefusedError, UnreachableError, WrongFileError
from keras_gans.presets.hub.manifest import Part

_PASSING = (408, 425, 429, 500, 502, 503, 504)
_LIBRARY: dict[str, Any] = {"library_name": "keras_gans", "library_version": __version__}


class HubFolder:
    """A repository on the Hugging Face Hub, at the commit that its revision names when the index is read.

    Args:
        address: Its address.

    Raises:
        ImportError: If the extra `hub` is not installed.
    """

    def __init__(self, address: Address) -> None:
        _import_hub(f"Loading {address.text}")
        self._address, self._commit = address, address.revision

    def index(self, name: str, limit: int) -> bytes:
        """Return the content of the index.

        Args:
            name: Its name.
            limit: The most bytes it may have.
        """
        self._commit = self._address.revision
        found = self._look_up(name)
        if found.size is None or found.size > limit:
            raise WrongFileError(f"{self._address.text}: {name} has more than {limit:,} bytes.")
        self._commit = found.commit_hash or self._commit
        with tempfile.TemporaryDirectory() as folder:
            return self._download(name, Path(folder)).read_bytes()

    def fetch(self, name: str, part: Part, folder: Path) -> None:
        """Download a file; a download that was cut off continues.

        Args:
            name: Its name.
            part: What it must be.
            folder: Where it is put.
        """
        found = self._look_up(name)
        if found.size != part.bytes:
            raise WrongFileError(f"{self._address.text}: {name} has {found.size:,} bytes, not {part.bytes:,} as expected.")
        self._download(name, folder)

    def _look_up(self, name: str) -> Any:
        from huggingface_hub import get_hf_file_metadata, hf_hub_url

        url = hf_hub_url(self._address.repository or "", name, revision=self._commit, endpoint=hub_endpoint())
        with _explained(self._address, name):
            return get_hf_file_metadata(url, **_LIBRARY)

    def _download(self, name: str, folder: Path) -> Path:
        from huggingface_hub import hf_hub_download

        with _explained(self._address, name):
            return Path(
                hf_hub_download(
                    self._address.repository or "",
                    name,
                    revision=self._commit,
                    local_dir=folder,
                    endpoint=hub_endpoint(),
                    library_name="keras_gans",
                    library_version=__version__,
                )
            )


def _import_hub(purpose: str) -> Any:
    try:
        import huggingface_hub
    except ImportError as error:
        raise ImportError(f"{purpose} needs huggingface_hub. Install the extra: pip install 'keras-gans[hub]'.") from error
    return huggingface_hub


@contextlib.contextmanager
def _explained(address: Address, name: str) -> Iterator[None]:
    """Turn the errors of `huggingface_hub` into ours."""
    from huggingface_hub import errors, get_token

    try:
        yield
    except errors.RevisionNotFoundError as error:
        raise RefusedError(404, f"it has no revision '{address.revision}'") from error
    except errors.RepositoryNotFoundError as error:  # so are gated ones
        token = "your token may not read it" if get_token() else "it is private: set HF_TOKEN to a token that may read it"
        raise RefusedError(error.response.status_code, f"there is no such repository, or {token}") from error
    except errors.LocalEntryNotFoundError as error:  # what it says when the network fails
        raise UnreachableError(f"{address.text} cannot be reached: {_one_line(error.__cause__ or error)}.") from error
    except errors.EntryNotFoundError as error:
        raise RefusedError(404, f"it has no {name}, so it is not a preset, or not a complete one") from error
    except errors.HfHubHTTPError as error:
        status = error.response.status_code
        if status in _PASSING:
            raise UnreachableError(f"{address.text} cannot be read: {_one_line(error)}") from error
        raise RefusedError(status, f"the Hub answered {_one_line(error)}") from error
    except (ValueError, OSError):
        raise
    except Exception as error:  # of requests, httpx or httpx2, depending on the version of huggingface_hub
        raise UnreachableError(f"{address.text} cannot be reached: {_one_line(error)}.") from error


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def destination(push_to: str, forbidden: str | None) -> Address:
    """Return where a folder is to be uploaded, after checking that it can be.

    Args:
        push_to: `hf://owner/name` or `hf://owner/name@branch`.
        forbidden: Name of the environment variable that forbids the network, or None.

    Raises:
        ImportError: If the extra `hub` is not installed.
        ValueError: If the address is not a repository on the Hub, or the user is not logged in.
        OSError: If the network is forbidden.
    """
    address = parse(push_to) if is_address(push_to) else None
    if address is None or not address.repository:
        raise ValueError(f"The destination must be hf://owner/name or hf://owner/name@branch; received {push_to!r}.")
    if address.pin:
        raise ValueError(f"An upload cannot be pinned: leave out what follows '#' in {push_to!r}.")
    if forbidden:
        raise OSError(f"{address.text}: {forbidden} forbids uploads.")
    if not _import_hub("Uploading").get_token():
        raise ValueError(
            f"{address.text}: the Hugging Face Hub must know who you are. Set HF_TOKEN to a token with write access, or run "
            "`hf auth login` once."
        )
    return address


def push(files: Mapping[str, Path | bytes], address: Address) -> None:
    """Upload files in one commit, creating the repository (a public one) or the branch if it does not exist.

    Args:
        files: Name in the repository -> path or content.
        address: Return value of `destination`.

    Raises:
        OSError: If the Hub refuses, or cannot be reached.
    """
    from huggingface_hub import CommitOperationAdd, HfApi

    api = HfApi(endpoint=hub_endpoint(), **_LIBRARY)
    repository = address.repository or ""
    branch = None if address.revision == "main" else address.revision
    try:
        api.create_repo(repository, exist_ok=True)
        if branch:
            api.create_branch(repository, branch=branch, exist_ok=True)
        operations = [CommitOperationAdd(name, str(file) if isinstance(file, Path) else file) for name, file in files.items()]
        api.create_commit(repository, operations, commit_message="Upload a preset of keras_gans", revision=branch)
    except Exception as error:  # of requests, httpx or httpx2, depending on the version of huggingface_hub
        raise OSError(f"{address.text}: the upload failed. {_one_line(error)}") from error
