"""A folder to the Hugging Face Hub, by `huggingface_hub` (the extra `hub`)."""

from collections.abc import Sequence
from pathlib import Path

from keras_gans.presets.hub import cache
from keras_gans.presets.hub.address import Address, hub_endpoint, is_address, parse


def destination(push_to: str) -> Address:
    """Returns where a folder is to go, after a look at whether it can.

    Raises:
        ImportError: If `huggingface_hub` is not installed.
        ValueError: If that is no repository on the Hub, or nobody is logged in.
        OSError: If the network is forbidden.
    """
    address = parse(push_to) if is_address(push_to) else None
    if address is None or not address.repository:
        raise ValueError(f"push_to must be hf://owner/name or hf://owner/name@branch; received {push_to!r}.")
    if address.pin:
        raise ValueError(f"push_to={push_to!r}: what is uploaded now cannot be pinned yet. Leave out what follows '#'.")
    if forbidden := cache.offline():
        raise OSError(f"{address.text}: {forbidden} forbids to upload.")
    try:
        from huggingface_hub import get_token
    except ImportError as error:
        raise ImportError("Uploading needs huggingface_hub: install the extra, pip install 'keras-gans[hub]'.") from error
    if not get_token():
        raise ValueError(
            f"{address.text}: the Hugging Face Hub must know who uploads: set HF_TOKEN to a token that may write, or log in "
            "once by `hf auth login`."
        )
    return address


def push(folder: Path, names: Sequence[str], address: Address) -> None:
    """Uploads files of a folder in one commit, after making the repository, a public one, where there is none.

    Args:
        folder: Where they are.
        names: Their names; what is not there is left out.
        address: What `destination` returned.

    Raises:
        OSError: If the Hub refuses, or cannot be reached.
    """
    from huggingface_hub import HfApi

    api = HfApi(endpoint=hub_endpoint(), library_name="keras_gans")
    branch = None if address.revision == "main" else address.revision
    try:
        api.create_repo(address.repository, exist_ok=True)
        if branch:
            api.create_branch(address.repository, branch=branch, exist_ok=True)
        api.upload_folder(
            repo_id=address.repository,
            folder_path=folder,
            allow_patterns=[name for name in names if (folder / name).is_file()],
            revision=branch,
            commit_message="Upload a preset of keras_gans",
        )
    except Exception as error:  # of requests, httpx or httpx2, as versions of the library have it
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise OSError(f"{folder} is saved, but not uploaded to {address.text}: {' '.join(lines)}") from error
