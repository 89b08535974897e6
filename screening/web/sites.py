"""Which site an address is of: `/at/KEY` before it says so, and nothing stands for the default one.

The prefix moves to where the service is mounted, so that every address that is made on a page begins with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, request

from screening.service.sites import PREFIX, Site, Sites
from screening.storage.sites import at
from screening.web.door import service, service_of
from screening.web.headers import ALSO_AT

_NAMED = "screening.site"  # in the environment of a request whose address names its site


def init_app(app: Flask) -> None:
    """Where there is a file of sites; without it no address begins so."""
    sites = service_of(app).sites
    door = app.config["SESSION_COOKIE_PATH"].rstrip("/")
    if sites.several and door:  # whoever signed in at one site is signed in at all
        app.config[ALSO_AT] = tuple(site.path + door for site in sites.each)
    if sites.several:
        app.wsgi_app = AtSites(app.wsgi_app, sites)  # type: ignore[method-assign]  # Flask documents this assignment


def is_named() -> bool:
    """Whether the address that was asked for names its site."""
    return _NAMED in request.environ


def to_choose() -> tuple[Site, ...]:
    """The clinics to choose from, for whoever comes without having chosen; none where that is no question."""
    sites = service().sites
    return sites.open_ones if sites.choose and not is_named() else ()


def others() -> tuple[Site, ...]:
    """The clinics but the one that is asked."""
    here = service().site
    return tuple(site for site in service().sites.open_ones if site is not here)


def mounted() -> str:
    """Where the service is, without a site."""
    found: str = request.environ.get(_NAMED, request.script_root)
    return found


def without_site(path: str) -> str:
    """The rest of a path that begins with a site; any other as it is."""
    if not path.startswith(PREFIX):
        return path
    _, slash, rest = path.removeprefix(PREFIX).partition("/")
    return slash + rest


class AtSites:
    """The app below each site's prefix. An unknown one is left as it is: there is no such page."""

    def __init__(self, app: WSGIApplication, sites: Sites) -> None:
        self._app, self._sites = app, sites

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """As WSGI says."""
        site = self._site_of(environ.get("PATH_INFO", ""))
        if site is None:
            with at(self._sites.default.rows):
                return self._app(environ, start_response)
        environ[_NAMED] = environ.get("SCRIPT_NAME", "")
        environ["SCRIPT_NAME"] = environ[_NAMED] + site.path
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(site.path) or "/"
        with at(site.rows):
            return _Pieces(self._app(environ, start_response), site)

    def _site_of(self, path: str) -> Site | None:
        if not path.startswith(PREFIX):
            return None
        return self._sites.of_key(path.removeprefix(PREFIX).partition("/")[0])


class _Pieces:
    """An answer that is made while it is sent, each piece at its site."""

    def __init__(self, pieces: Iterable[bytes], site: Site) -> None:
        self._all, self._each, self._rows = pieces, iter(pieces), site.rows

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        with at(self._rows):
            return next(self._each)

    def close(self) -> None:
        """Whatever the app closes at the end."""
        if (close := getattr(self._all, "close", None)) is not None:
            with at(self._rows):
                close()
