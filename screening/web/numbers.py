"""Numbers to ring as links that are pressed on a phone, wherever they stand in a text."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_HELP = re.compile(r"(?<![0-9+])(?:999|111|112|116 123)(?![0-9])")
_LINK = Markup('<a class="govuk-link clinic-phone" href="tel:{}"><bdi>{}</bdi></a>')


def number_link(number: str, shown: str = "") -> Markup:
    """A number as a link; it never breaks over two lines. `shown` where less of it is to be read."""
    return _LINK.format("".join(number.split()), shown or number)


def with_links(text: str) -> Markup:
    """A text of the rules, escaped, whose numbers for help can be pressed."""
    parts, end = [], 0
    for found in _HELP.finditer(text):
        parts += [escape(text[end : found.start()]), number_link(found[0])]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])
