"""A mistake that has no words of its own is still put in words."""

from __future__ import annotations

from flask import Flask
from flask_babel import Babel

from screening.core.answers import Mistake
from screening.core.rules import Question
from screening.web.question_forms import words_for


def test_a_mistake_of_an_unknown_code_has_words() -> None:
    app = Flask(__name__)
    Babel(app)
    with app.test_request_context():
        assert words_for(Mistake("not_a_time"), Question(id="at", ask="When?", type="text"))
