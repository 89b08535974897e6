"""The single statements of a section: its bullets, the items that a sentence or a safety bullet lists."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from screening.core.findings import Place
from screening.tracing.headings import taken_as
from screening.tracing.treatment_page import Block, TreatmentPage, plain

_SENTENCE_END = re.compile(r"(?<=[.!?])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bincl\.)\s+(?=[A-Z“\"'])")
_SUCH_AS = r"(?:such as|for example|for instance|e\.g|including|incl|especially|particularly)\b"
_BETWEEN = re.compile(  # an example stays with what it is one of: "blood thinners, such as warfarin"
    r"\s*;\s*(?:and|or)?\s*"
    rf"|\s*,(?!\s*(?:{_SUCH_AS}|(?:unless|except|other than)\b))\s*(?:and\s+|or\s+)?",
    re.IGNORECASE,
)
_ONE = re.compile(  # examples in brackets, and "twice or more", whatever stands between
    rf"\({_SUCH_AS}[^()]*\)"
    r"|\b(?:\d[\d.,/]*|once|twice|one|two|three|four|five|six)(?:\s+(?:days?|weeks?|months?|years?|times))?"
    r"\s+or\s+(?:more|over|older|above|less|fewer|younger|below|longer)\b(?!\s+than\b)",
    re.IGNORECASE,
)
_TWO_EXAMPLES = re.compile(
    rf"(?:,\s*)?\b{_SUCH_AS}[\s.:]+[^,;()]*?\s(?:or|and)\s+[\w-]+[.!]?$", re.IGNORECASE
)
_EACH_WHO = re.compile(r"(?<=[,;])\s*(?:and\s+|or\s+)?who\s+", re.IGNORECASE)
_LISTS = re.compile(r"\bor\b|,.*\band\b", re.IGNORECASE)
_OR = re.compile(r"\s+or\s+", re.IGNORECASE)
_OR_AND = re.compile(r"\s+(?:or|and)\s+", re.IGNORECASE)
_OF_BULLET = re.compile(  # figures are no items: "2 or 3 weeks"
    r"(?<!\d)\s+(?:or|and)\s+|\s+(?:or|and)\s+(?!\d)", re.IGNORECASE
)
_IF = re.compile(r"\bif\s+(?:you|the patient|your)\b[:\s]*", re.IGNORECASE)
_WHO = re.compile(
    r"(?:\b(?:by|for|in|of|to)\s+)?\b(?:anybody|anyone|everybody|everyone|men|patients|people|those|women)"
    r"\s+(?:that|who|with)\b[:\s]*",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"\b(?:about|including|such as|any of)\b(?: any\b)?[:\s]*", re.IGNORECASE)
_REQUEST = re.compile(
    r"(?:then )?(?:please|tell|inform|let|contact|ask|you (?:should|must|may))\b", re.IGNORECASE
)
_INVITATION = re.compile(
    r"(?:please )?(?:arrange|book|request|contact|call|ring|get in touch|speak|to (?:book|arrange))\b"
    r".*\b(?:consultation|appointment|us|team|clinic|discuss)\b",
    re.IGNORECASE,
)

_ASKS = re.compile(
    r"\b(?:tell|inform|let|ask) (?:us|your|the|our)\b|\b(?:if|when|unless) you\b|\byou (?:must|should) not\b"
    r"|\b(?:do|must|should) not have (?:this|the|it)\b"
    r"|\b(?:ring|call|dial|phone) (?:999|112|111)\b|\ba\s?&\s?e\b"
    r"|\b(?:call|contact|phone|ring|see|speak to|tell) (?:a|the|us|your)\b.*\b(?:if|unless|when)\b"
    r"|\b(?:ambulance|emergenc(?:y|ies)|urgent(?:ly)?|immediately|at once|(?:right|straight) away)\b"
    r"|\b(?:get|need|seek) (?:[\w-]+ ){0,3}(?:advice|attention|help)\b"
    r"|\bgo to (?:[\w-]+ ){0,3}hospital\b",
    re.IGNORECASE,
)

_SAYS_NOTHING = re.compile(
    r"(?:(?:a|an|are|be|been|can|could|had|has|have|is|may|might|not|the|was|will|you|your)\b\s*)*",
    re.IGNORECASE,
)

_SIGNS = {" ": "\ufdd0", ",": "\ufdd1", ";": "\ufdd2"}  # for these, signs that no text may hold
_TO_SIGNS = str.maketrans(_SIGNS)
_FROM_SIGNS = str.maketrans({sign: letter for letter, sign in _SIGNS.items()})

FEWEST = 2  # words before "if you" that introduce, such as "For safety, if you"
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")  # as people count words


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing the page says. `needed`: a draft writes a rule for it; `under`: its parents in a list.

    `asked`: the sentence that it is an item of, or what introduces it, asks: "Go to A&E if you ...".
    """

    section: str
    text: str
    place: Place
    needed: bool
    under: tuple[str, ...] = ()
    asked: bool = False

    @property
    def fingerprint(self) -> str:
        """24 hexadecimal digits, the same for the same words, whatever their case, spaces and quotes."""
        return hashlib.sha256(plain(self.text).encode()).hexdigest()[:24]

    def holds(self, phrase: str) -> bool:
        """Whether the phrase stands in it, as whole words."""
        return _holds(self.text, phrase)

    @property
    def asks(self) -> bool:
        """Whether it says what the patient is to tell, what to do in danger, or who must not have it."""
        return self.asked or _asks(self.text)


def _asks(text: str) -> bool:
    return _ASKS.search(text) is not None


def _holds(said: str, phrase: str) -> bool:
    wanted, text = plain(phrase), plain(said)
    if not wanted or wanted not in text:  # quick, since nearly always so
        return False
    return re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", text) is not None


@dataclass(frozen=True, slots=True)
class PageSection:
    """The statements below one heading, and what was set aside: lead-ins and invitations."""

    name: str
    statements: tuple[Statement, ...]
    aside: tuple[Statement, ...]

    def standing_for(self, phrase: str, under: str | None = None) -> tuple[Statement, ...]:
        """The statements that hold a phrase, `under` such a parent; where one says nothing else, that one."""
        holding = tuple(
            statement
            for statement in self.statements
            if statement.holds(phrase)
            and (under is None or any(_holds(parent, under) for parent in statement.under))
        )
        whole = tuple(statement for statement in holding if plain(statement.text) == plain(phrase))
        return whole if len(whole) == 1 else holding


def section_of(page: TreatmentPage, name: str, heading: str) -> PageSection | None:
    """The section under `heading`; None where the page has no such heading."""
    blocks = page.section(heading)
    return None if blocks is None else read_section(name, heading, blocks)


def read_section(name: str, heading: str, blocks: list[Block]) -> PageSection:
    """What a page says below a heading: bullets; where safety is told in sentences, every item of them."""
    bullets = [block for block in blocks if block.kind == "bullet"]
    safety = "safety" in name.casefold() or taken_as(heading) == "safety"
    strict = safety or (not bullets and _tells_whom(name, heading))
    found: list[Statement] = []
    aside: list[Statement] = []
    open_ones: list[Block] = []  # the bullets that the present one stands under, itself the last
    asks = led = _asks(heading)  # of all below it; or of the bullets that a sentence introduces
    for block, following in zip(blocks, [*blocks[1:], None], strict=False):
        if block.kind == "bullet":
            while open_ones and open_ones[-1].depth >= block.depth:
                open_ones.pop()
            under = tuple(parent.text for parent in open_ones)
            asked = led or any(map(_asks, (*under, block.text)))
            open_ones.append(block)
            leads = _leads(block, following)
            told_here = items_of_bullet(block.text) if safety and not leads else [block.text]
            (aside if leads else found).extend(
                Statement(name, told, block.place, not leads, under, asked) for told in told_here
            )
        else:
            open_ones.clear()
            led = asks or (block.text.rstrip().endswith(":") and _asks(block.text))
            told = list(_of_prose(name, block, strict, asks))
            found += (statement for statement in told if not _is_aside(statement.text))
            aside += (statement for statement in told if _is_aside(statement.text))
    return PageSection(name, tuple(found), tuple(aside))


def _leads(block: Block, following: Block | None) -> bool:
    """Whether a bullet only introduces those below it: "Problems with blood:"."""
    deeper = following is not None and following.kind == "bullet" and following.depth > block.depth
    return deeper and block.text.rstrip().endswith(":")


def _tells_whom(name: str, heading: str) -> bool:
    return name == "who" or plain(heading).startswith(("who ", "when "))


def _is_aside(text: str) -> bool:
    """A lead-in or an invitation; not one that asks something: "Call us if your leg turns blue"."""
    if text.rstrip().endswith(":"):
        return True
    return _INVITATION.match(text) is not None and _ASKS.search(text) is None


def _of_prose(name: str, block: Block, strict: bool, asks: bool) -> Iterator[Statement]:
    for sentence in _SENTENCE_END.split(block.text):
        asked, listed = asks or _asks(sentence), strict and not _is_aside(sentence)
        for item in items(sentence) if listed else [sentence]:
            yield Statement(name, item, block.place, listed, (), asked)


def items(sentence: str) -> list[str]:
    """The items that a sentence lists, after "if you" or "people who" say; else the sentence itself.

    Each is cut at "or" and "and" too ("reactions to local anaesthetic or contrast dye" is two):
    rather one statement too many, which somebody then looks at, than one that hides behind another.
    """
    return [_apart(item) for item in _items(_as_one(_ONE, sentence))]


def _as_one(what: re.Pattern[str], text: str) -> str:
    """With other signs for spaces and commas where it is not to be cut; `_apart` puts them back."""
    return what.sub(lambda found: found[0].translate(_TO_SIGNS), text)


def _apart(text: str) -> str:
    return text.translate(_FROM_SIGNS)


def _items(sentence: str) -> list[str]:
    found = _IF.search(sentence) or _WHO.search(sentence) or _ABOUT.search(sentence)
    if found is None:
        return _cut(sentence, _OR) if _LISTS.search(sentence) else [sentence]
    before = sentence[: found.start()].rstrip()
    if _WHO.search(before) or (
        word_count(before) > FEWEST and before.endswith((",", ";", " or", " nor", " and"))
    ):
        # "Do not have it after a stroke, or if you are pregnant": what comes first is an item, too
        first = re.sub(r"[,;]?(?:\s+(?:n?or|and))?[,;]?$", "", before)
        return [*_items(first), *_items(sentence[found.start() :])]
    listed = _EACH_WHO.sub(" ", sentence[found.end() :].strip().rstrip(".!"))
    parts = _cut(listed, _OR_AND)
    if not parts or (len(parts) == 1 and found.re is _ABOUT):
        return [sentence]
    return parts


def items_of_bullet(bullet: str) -> list[str]:
    """The items that a bullet of the safety note lists, in its own words: "a pacemaker or warfarin" is two.

    None of its words is left out, for a lead-in is not told from an item here; rather one too many.
    """
    held = _as_one(_TWO_EXAMPLES, _as_one(_ONE, bullet))
    parts = (part for sentence in _SENTENCE_END.split(held) for part in _BETWEEN.split(sentence))
    found = [piece.strip() for part in parts for piece in _OF_BULLET.split(part) if piece.strip()]
    cut = _with_small_words(found) if all(map(word_count, found)) else [bullet]
    return [_apart(item) for item in cut]


def _with_small_words(pieces: list[str]) -> list[str]:
    """What says nothing by itself goes with what follows it: "is, or could be, pregnant" is one."""
    found: list[str] = []
    before = ""
    for piece in pieces:
        before = f"{before} {piece}".lstrip()
        if not _SAYS_NOTHING.fullmatch(before):
            found.append(before)
            before = ""
    return [*found[:-1], f"{found[-1]} {before}".rstrip()] if found else [" ".join(pieces)]


def _cut(listed: str, further: re.Pattern[str]) -> list[str]:
    """The items between commas, each cut further; without what is asked for all of them: "please tell us"."""
    parts = [part.strip() for part in _BETWEEN.split(listed) if part.strip()]
    while len(parts) > 1 and _REQUEST.match(parts[-1]):
        del parts[-1]
    pieces = (piece for part in parts for piece in further.split(_IF.sub("", part) or part))
    return [piece.strip() for piece in pieces if piece.strip()]


def word_count(text: str) -> int:
    """How many words a text has; figures are none."""
    return len(WORD.findall(text))
