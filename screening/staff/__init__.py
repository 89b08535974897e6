"""The staff door, all of it under /staff: nobody passes who is not signed in, and each page names its roles.

Modules that hold pages are imported in `init_app`: importing one is what adds its pages to the blueprint.
"""

from __future__ import annotations

from importlib import import_module

from flask import Flask

PAGES = (
    "home",
    "team",
    "inbox",
    "request_page",
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
    "rules_in_fhir",
    "after_sign_in",
    "rules_pages",
    "message_pages",
)  # modules of this folder that hold pages


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
