"""A patient's answer by link that is sent twice: a second press of the button, or a page loaded again."""

from __future__ import annotations

from flask import Flask

from tests.actors import Page
from tests.patient.test_answering import SAID, link_to


def test_who_sends_the_same_answer_twice_is_not_told_that_it_was_not_kept(talking: Flask) -> None:
    sent = link_to(talking)
    sent.identify()
    twice = {"csrf_token": sent.go().token, "words": f" {SAID}\r\n"}
    first, second = (Page(sent.client.post(sent.path, data=twice, follow_redirects=True)) for _ in range(2))
    assert second.title == first.title
    assert SAID not in second.text
    assert sent.answers() == [SAID]


def test_who_did_not_say_who_they_are_finds_out_no_answer_by_guessing_it(talking: Flask) -> None:
    sent, stranger = link_to(talking), talking.test_client()
    token = Page(stranger.get(sent.path)).token
    sent.identify()
    sent.send(words=SAID)
    right, wrong = (
        Page(stranger.post(sent.path, data={"csrf_token": token, "words": words}, follow_redirects=True))
        for words in (SAID, "No, three.")
    )
    assert (right.status, right.title) == (wrong.status, wrong.title)
