"""What whoever fills a form in does, from its first page to the request: a method each, for doors to ask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import chain

from sqlalchemy import Connection

from screening.core import remarks
from screening.core.entries import Entry
from screening.core.journey import asked_again, belongs_to
from screening.core.kept import keep
from screening.core.outlines import Outline
from screening.core.rules import RuleSet
from screening.core.stored import Stored
from screening.core.unfinished import Unfinished, still_theirs, with_page
from screening.service import audit_head, counted
from screening.service.premises import Premises
from screening.service.sending import PATIENT, MadeRequest, Sender
from screening.service.told import as_plain, write_told
from screening.service.visit import Visit
from screening.storage import arrivals, drafts, requests, staff_drafts
from screening.storage.database import check_writable, reading, writing
from screening.storage.drafts import Draft
from screening.storage.entries import Writer
from screening.storage.lanes import Head, Heads
from screening.storage.sealing.tokens import DraftToken


@lru_cache(maxsize=64)  # the same for everybody who has said nothing yet
def _nothing_said(live: RuleSet) -> Visit:
    return Visit(live)


class Service(Premises):
    """Everything that happens to drafts, until each is a request."""

    def second_looks(self, visit: Visit) -> tuple[str, ...]:
        """Questions that whoever fills it in had better look at again before it is sent."""
        return remarks.second_looks(visit.rule_set, visit.path, visit.answers, self.library.words)

    def admits(self, kind: str, address: str, from_address: int, in_all: int) -> bool:
        """Whether one more is taken from there within the hour; counted either way. Raises Unavailable."""
        now = self.now()
        with writing(self.engine) as connection:
            so_far = arrivals.so_far(connection, kind, address, now)
            taken = so_far.from_address < from_address and so_far.in_all < in_all
            if taken:
                arrivals.note(connection, kind, address, now)
            else:
                arrivals.note_refused(connection, now)
        return taken

    def check_ready(self) -> None:
        """Raises Unavailable when requests could not be kept now."""
        check_writable(self.engine)

    def treatments(self) -> list[Outline]:
        """What patients may start today."""
        self.library.refresh()
        return [offered for offered in self.library.live(self.today()) if self.site.offers(offered.id)]

    def visit(self, treatment: str, token: DraftToken | None) -> Visit | None:
        """Where this patient stands; None when there is no such treatment for them. Raises Unavailable."""
        self.library.refresh()
        draft = promised = None
        if token is not None:
            draft = drafts.read(self.engine, token, treatment=treatment, now=self.now())
            if draft is None and self.goes_with_the_clock():
                draft = drafts.read(self.engine, token, treatment=treatment, now=self.now())
        if draft is not None and draft.reference is not None:
            with reading(self.engine) as connection:
                promised = requests.promised_at(connection, draft.reference)
        pinned = self.library.pinned(draft.rule_set_digest) if draft is not None else None
        if pinned is not None:
            withdrawn = draft is not None and not draft.reference and self.library.is_withdrawn(pinned)
            return Visit(pinned, token, draft, withdrawn=withdrawn, promised_at=promised)
        return self.fresh_visit(treatment, lost=token is not None)

    def still_lies(self, token: DraftToken | None) -> bool:
        """Whether a draft of this key was not deleted yet, expired or not. Raises Unavailable."""
        if token is None:
            return False
        with reading(self.engine) as connection:
            return drafts.lies(connection, token)

    def fresh_visit(self, treatment: str, *, lost: bool = False) -> Visit | None:
        """A visit without a draft, which needs no database; None when there is no such live treatment."""
        live = self.library.find_live(treatment, self.today())
        if live is None or not self.site.offers(treatment):
            return None
        return Visit(live, lost=True) if lost else _nothing_said(live)

    def begin(
        self, visit: Visit, by: str, told: Entry | None, answers: Stored, mark: bytes | None = None
    ) -> Visit:
        """A draft of its own, which all staff can open and the one who began it holds. Raises Unavailable.

        `told`: how they are told it, in words or on paper, which is kept with the request. `mark`: of a form
        that begins one draft however often it is sent; where it did already, the visit has its token alone.
        """
        with writing(self.engine) as connection:
            now = self.now()
            token, is_there = staff_drafts.token_of(connection, mark, now) if mark else (None, False)
            if is_there:
                return Visit(visit.base, token, None)
            begun = self._new_draft(connection, visit, answers, now, by, told, token)
            if begun.token is not None and begun.draft is not None:
                key = self.sealing_key(connection)
                begun = replace(
                    begun, draft=staff_drafts.share(connection, begun.token, begun.draft, key, by)
                )
        counted.begun(visit.base.id)
        return begun

    def visits(self, tokens: Iterable[DraftToken]) -> list[Visit]:
        """Every draft that these tokens open, oldest first; also of treatments that are retired since."""
        with reading(self.engine) as connection:
            return self.visits_of(drafts.load_each(connection, tokens, now=self.now()))

    def visits_of(self, found: Iterable[tuple[DraftToken, Draft]]) -> list[Visit]:
        """The same of drafts that were read already."""
        pinned = [(self.library.pinned(draft.rule_set_digest), token, draft) for token, draft in found]
        return [Visit(rule_set, token, draft) for rule_set, token, draft in pinned if rule_set is not None]

    def save_answers(
        self, visit: Visit, answers: Stored, *, anew: bool = True, under: str | None = None
    ) -> Visit:
        """Keep the answers of a page, in a draft of its own when there is none, unless not `anew`.

        Raises Unavailable; then none of them is kept.

        A draft that was sent meanwhile, in another tab, or is held by somebody else since, comes back as it
        is. `under` is what `belongs_to` said when the page was opened; where that is another now, the draft
        comes back unchanged and `turned`.
        """
        saved = self._save_answers(visit, answers, anew=anew, under=under)
        if saved.draft is not None:
            if saved.token != visit.token:
                counted.begun(saved.base.id)
            counted.went_on(saved.base.id, visit.next_question, saved.next_question)
        return saved

    def _save_answers(self, visit: Visit, answers: Stored, *, anew: bool, under: str | None) -> Visit:
        now = self.now()
        if visit.token is not None and visit.draft is not None and visit.reference is None:
            merged = self._merged(visit.base, visit.draft, answers, under, now)
            if merged is not None and self._saved_as_read(visit.token, merged, now):
                return Visit(visit.base, visit.token, merged)
        with writing(self.engine) as connection:
            draft = None
            if visit.token is not None and visit.draft is not None:
                draft = drafts.lock(connection, visit.token, treatment=visit.base.id, now=now)
            if visit.token is None or draft is None:
                if anew:
                    return self._new_draft(connection, visit, answers, now)
                return Visit(visit.base, visit.token, None, lost=True)
            if draft.reference is None and draft.held_by == visit.held_by:
                merged = self._merged(visit.base, draft, answers, under, now)
                if merged is None:
                    return Visit(visit.base, visit.token, draft, turned=True)
                draft = drafts.save(connection, visit.token, merged)
        return Visit(visit.base, visit.token, draft)

    def _saved_as_read(self, token: DraftToken, draft: Draft, now: datetime) -> bool:
        """Nearly always nobody else changed it meanwhile: then it need not be opened a second time."""
        return self._saving.save(drafts.ToSave.of(token, draft, now))

    def _merged(
        self, rule_set: RuleSet, draft: Draft, answers: Stored, under: str | None, now: datetime
    ) -> Draft | None:
        """The draft with these answers; None where the request is for somebody else by now."""
        if under not in (None, belongs_to(rule_set, answers, draft.answers)):
            return None
        again = (
            asked_again(rule_set, question, draft.answers)
            for question, answer in answers.items()
            if answer != draft.answers.get(question)
        )
        changes = {**answers, **dict.fromkeys(chain.from_iterable(again))}
        words = still_theirs(draft.unfinished, rule_set, draft.answers, {**draft.answers, **changes})
        expires = self._expiry(draft.started_at, now)
        return drafts.changed(replace(draft, unfinished=words), changes, now, expires)

    def keep_words(self, visit: Visit, page: Unfinished, opened: str) -> Visit | None:
        """Keep what stands on an unfinished page, counting none of it. It begins a draft where there is none.

        None where the draft is gone, or was sent. Nothing is kept of a page that was `opened` on other
        answers than there are now. Raises Unavailable.
        """
        begins, now = visit.token is None, self.now()
        with writing(self.engine) as connection:
            if begins:
                visit = self._new_draft(connection, visit, {}, now)
            if visit.token is None:
                return None
            draft = drafts.lock(connection, visit.token, treatment=visit.rule_set.id, now=now)
            if draft is None or draft.reference is not None or draft.held_by != visit.held_by:
                return None
            if Visit(visit.base, visit.token, draft).opened(page) == opened:
                words = with_page(draft.unfinished, page, visit.base, draft.answers)
                expires = self._expiry(draft.started_at, now)
                draft = replace(draft, unfinished=words, expires_at=expires)
                drafts.save(connection, visit.token, draft)
        if begins:
            counted.begun(visit.base.id)
        return Visit(visit.base, visit.token, draft)

    def _new_draft(
        self,
        connection: Connection,
        visit: Visit,
        answers: Stored,
        now: datetime,
        by: str = "",
        told: Entry | None = None,
        token: DraftToken | None = None,
    ) -> Visit:
        token = token or DraftToken.new()
        draft = drafts.create(
            connection,
            token,
            treatment=visit.rule_set.id,
            rule_set_digest=visit.rule_set.digest,
            answers=answers,
            now=now,
            expires_at=self._expiry(now, now),
            begun_by=by,
            told=as_plain(told),
        )
        return Visit(visit.base, token, draft, lost=visit.lost or visit.draft is not None)

    def _expiry(self, started: datetime, now: datetime) -> datetime:
        return min(now + self.settings.draft_idle, started + self.settings.draft_longest)

    def renew(self, visit: Visit) -> Visit:
        """The draft of a withdrawn rule set under the one that is live now; unchanged where there is none.

        Answers to questions that are asked in the very same way are taken over, the others are due again.
        Raises Unavailable.
        """
        live, now = self.library.find_live(visit.rule_set.id, self.today()), self.now()
        if live is None or visit.token is None:
            return visit
        with writing(self.engine) as connection:
            draft = drafts.lock(connection, visit.token, treatment=live.id, now=now)
            if draft is None or draft.reference is not None or draft.held_by != visit.held_by:
                return Visit(visit.base, visit.token, draft, lost=draft is None)
            same = {question: visit.base.asks_the_same(live, question) for question in draft.answers}
            answers = {question: answer for question, answer in draft.answers.items() if same[question]}
            words = {question: typed for question, typed in draft.unfinished.items() if question in answers}
            moved = replace(
                draft, rule_set_digest=live.digest, answers=answers, unfinished=words, changed_at=now
            )
            drafts.save(connection, visit.token, moved)
        return Visit(live, visit.token, moved)

    def time_left(self, visit: Visit) -> timedelta | None:
        """How long the draft lives; None where there is none, or it has become a request."""
        if visit.draft is None or visit.reference is not None:
            return None
        return max(timedelta(), visit.draft.expires_at - self.now())

    def keep_draft(self, visit: Visit) -> timedelta | None:
        """Put off the expiry; how long the draft now lives, None when it is gone. Raises Unavailable."""
        if visit.token is None or visit.draft is None:
            return None
        now = self.now()
        expires = self._expiry(visit.draft.started_at, now)
        with writing(self.engine) as connection:
            draft = drafts.keep(
                connection, visit.token, treatment=visit.rule_set.id, now=now, expires_at=expires
            )
        return draft.expires_at - now if draft is not None else None

    def delete_draft(self, visit: Visit) -> bool:
        """Forget what was filled in; a request that was sent stays. Raises Unavailable.

        Whether it is gone now: it is not where somebody else holds it since.
        """
        if visit.token is None:
            return True
        now, treatment = self.now(), visit.rule_set.id
        with writing(self.engine) as connection:
            draft = drafts.lock(connection, visit.token, treatment=treatment, now=now)
            mine = draft is None or draft.held_by == visit.held_by
            if mine:
                drafts.delete(connection, visit.token)
        return mine

    def send(self, visit: Visit, language: str, sender: Sender = PATIENT, shown: str | None = None) -> Visit:
        """Keep the consultation request; the visit with its reference, or unsent when a question is due.

        `shown` is what the page that is sent showed; unsent too where that is not what would be kept.
        However often it is called for one draft, there is one request and one reference, and it was
        committed before this returns. Raises Unavailable.
        """
        if visit.token is None:
            return visit
        now, heads = self.now(), Heads()
        sends = visit.reference is None and not visit.path.due
        made = self._made(visit, language, sender, now) if sends else None  # before anybody waits for it
        with writing(self.engine) as connection:
            draft = drafts.lock(connection, visit.token, treatment=visit.rule_set.id, now=now)
            if draft is None:
                return Visit(visit.base, lost=True)
            locked = Visit(visit.base, visit.token, draft)
            moved_on = locked.reference is not None or locked.held_by != visit.held_by
            if moved_on or locked.path.due or shown not in (None, locked.shown):
                return locked
            if self.library.is_withdrawn(visit.rule_set, connection):
                return Visit(visit.base, visit.token, draft, withdrawn=True)
            if made is None or locked.answers != visit.answers:
                made = self._made(locked, language, sender, now)
            reference, head = self._keep_request(connection, draft, made, sender)
            expires = now + self.settings.draft_longest
            sent = drafts.mark_sent(connection, visit.token, draft, reference, now=now, expires_at=expires)
            heads = audit_head.committed(self.settings, connection) if head is not None else ()
        audit_head.remember(self.settings, heads)
        counted.sent(visit.base.id)
        return Visit(visit.base, visit.token, sent)

    def _made(self, visit: Visit, language: str, sender: Sender, now: datetime) -> MadeRequest:
        kept = keep(visit.rule_set, visit.assessment(), visit.answers)
        things = self.to_read(kept, visit.rule_set, now)
        return self.arrival.make(visit, kept, things, language=language, sender=sender, now=now)

    def _keep_request(
        self, connection: Connection, draft: Draft, made: MadeRequest, sender: Sender
    ) -> tuple[str, Head | None]:
        """With what goes with it; no event where the draft had been sent before."""
        key = self.take_keys(connection)
        request, reference = self.arrival.insert(connection, made)
        if reference != request.reference:
            return reference, None
        writer = Writer(reference, 1, sender.id, sender.name, request.received_at)
        written = write_told(connection, key, draft, writer)
        head = self.arrival.keep(
            connection, request, by_name=sender.name, origin=sender.origin, entries=written
        )
        return reference, head
