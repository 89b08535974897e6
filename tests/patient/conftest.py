"""What tests of the patient's door look at behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from screening.storage import requests
from screening.storage.database import reading
from screening.storage.sealing.keys import PRIVATE, load_opening_keys
from screening.web.door import service_of


@pytest.fixture
def opened(app: Flask) -> Callable[[str], Any]:
    """Opens a kept request, as staff with the private key could."""
    service = service_of(app)

    def open_request(reference: str) -> Any:
        keys = load_opening_keys(service.settings.keys / PRIVATE)
        with reading(service.engine) as connection:
            return requests.load(connection, keys, reference)

    return open_request
