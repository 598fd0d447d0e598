"""Serves a study until it is stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import uvicorn

from keras_gans._typing import PathLike
from keras_gans.serving.listening import listen, page_config, url_of
from keras_gans.serving.settings import Settings
from keras_gans.study.answers import Answers
from keras_gans.study.app import application
from keras_gans.study.folder import load_study
from keras_gans.study.session import Sessions

_STOP_SECONDS = 5  # that requests have to finish after SIGTERM


def serve_study(
    folder: PathLike,
    host: str = Settings.host,
    port: int = 8600,
    allowed_hosts: Sequence[str] = (),
    announce: Callable[[str], None] = lambda url: None,
) -> None:
    """Serve a study until SIGTERM or SIGINT.

    Args:
        folder: The study's folder.
        host: Address to listen on.
        port: The port; 0 picks a free one.
        allowed_hosts: More names that `Host` headers may have.
        announce: Called with the server's URL once it listens.

    Raises:
        FileNotFoundError: If there is no study.
        ValueError: If the study was changed, or the database is of another one.
        OSError: If the address cannot be used.
    """
    study = load_study(folder)
    listening = listen(host, port, "--port")
    answers = Answers(study)
    sessions, seconds = Sessions(study, answers), Settings.client_timeout
    app = application(sessions, listening.getsockname()[0], list(allowed_hosts), seconds)
    announce(url_of(listening))
    try:
        uvicorn.Server(page_config(app, seconds, _STOP_SECONDS)).run(sockets=[listening])
    finally:
        answers.close()
