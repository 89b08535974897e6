"""A door that is furnished when somebody first comes to it: what it takes is no burden to pages beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Lock
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from screening.logs import log_failure
from screening.web.headers import plain
from screening.web.sites import without_site


class DoorWhenAsked:
    """The app as it is, and below `prefix`, at any site, what `furnish` makes: once, for whoever came first.

    Those who come to it meanwhile wait. Where it cannot be made, the next who comes has it tried again.
    """

    def __init__(self, app: WSGIApplication, prefix: str, furnish: Callable[[], WSGIApplication]) -> None:
        self._app, self._prefix, self._furnish = app, prefix, furnish
        self._furnishing = Lock()
        self._door: WSGIApplication | None = None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """As WSGI says."""
        path = without_site(environ.get("PATH_INFO", ""))
        if path != self._prefix and not path.startswith(f"{self._prefix}/"):
            return self._app(environ, start_response)
        try:
            door = self._opened()
        except Exception as error:  # whatever it is, patients' pages go on
            log_failure("the door for staff could not be opened", error)
            return plain(503)(environ, start_response)
        return door(environ, start_response)

    def _opened(self) -> WSGIApplication:
        if self._door is None:
            with self._furnishing:
                if self._door is None:
                    self._door = self._furnish()
        return self._door
