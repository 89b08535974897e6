"""The patient's door: public pages, one draft in one cookie for each treatment.

Nothing here may show an indicator or a flag; only answers and the `say.patient` sentences.
"""

from flask import Flask

from screening.patient import answering  # noqa: F401  # its page joins the door
from screening.patient.pages import patient


def init_app(app: Flask) -> None:
    """Open the door."""
    app.register_blueprint(patient)
