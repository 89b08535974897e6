"""The staff door, all of it under /staff: nobody passes who is not signed in, and each page names its roles.

Modules that hold pages are imported in `init_app`: importing one is what adds its pages to the blueprint.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from flask import Flask

from screening.core.errors import NotReady

PAGES = (
    "home",
    "team",
    "inbox",
    "request_page",
    "action_page",
    "person_pages",
    "review_page",
    "downloads",
    "day_list",
    "many_pages",
    "away_pages",
    "audit_pages",
    "on_behalf",
    "from_paper",
    "handing_over",
    "after_sign_in",
    "rules_pages",
    "message_pages",
)  # modules of this folder that hold pages

# What this door alone needs; of Flask-Security, also what it looks for only when it is opened.
NEEDED = ("argon2", "flask_login", "flask_security", "nh3", "passlib", "qrcode", "webauthn", "zxcvbn")


def check_installed() -> None:
    """For a start that leaves the door shut until somebody comes. Raises NotReady."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        what = f"The pages of staff need what is not installed here: {', '.join(missing)}."
        raise NotReady(f"{what} Install the program again, with all that it needs.")


def init_app(app: Flask) -> None:
    """Open the door."""
    from screening.accounts import access, security
    from screening.staff import home

    for name in PAGES:
        import_module(f"screening.staff.{name}")
    security.init_app(app)
    app.register_blueprint(access.staff)
    access.init_app(app)
    home.init_app(app)
