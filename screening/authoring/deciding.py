"""Words that decide or advise, as data: what no text of this service may say.

Facts: MHRA's line between a form and a device, UK GDPR Art 22 (reference/health.md, part 1).
"""

# ruff: noqa: E501 (patterns are read whole)

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

# A word ending in "*" stands for every word that begins so.
BANNED = (
    "suitable", "suitability", "unsuitable", "eligible", "eligibility", "ineligible", "disapprove*",
    "qualifies", "good candidate", "ideal candidate", "right for you", "fit for treatment", "safe for you",
    "unsafe", "not safe", "no risk", "low risk", "high risk", "risk score", "risk level", "risk rating",
    "your score", "we recommend", "we advise", "we suggest", "our advice", "is recommended", "advisable",
    "you are accepted", "you are refused", "rejected", "contraindicat*", "diagnosis is",
    "you have been diagnosed by", "stop taking", "stop your", "must not have", "start taking", "do not take", "don't take",
    "skip your", "take less", "take more", "reduce your", "increase your", "change your dose",
    "you should take", "you must take", "you can have this", "you cannot have", "you should have this",
    "you need this treatment", "will cure", "guarantee*", "best to", "best not", "had better", "you'd better",
    "nothing to worry about", "no need to worry", "no cause for concern", "green light", "all clear",
)  # fmt: skip

_MEDICINE = (
    r"(?:medicines?|medications?|meds|tablets?|pills?|capsules?|dos(?:e|es|age)|drugs?|injections? of insulin"
    r"|blood[ -]thinn\w+|anticoagulants?|antiplatelets?|insulin|painkillers?|steroids?|antibiotics?|aspirin"
    r"|warfarin|eliquis|xarelto|plavix|pradaxa|lixiana|sinthrome|clexane|efient|brilique|heparin|ibuprofen"
    r"|naproxen|paracetamol|\w+(?:xaban|gatran|grel|grelor|parin|formin|gliptin|gliflozin|statin|cillin"
    r"|pril|olol|gabalin|pentin|triptyline|codeine|morphine))"
)
_LESS = (  # what is done to a medicine: less, more, not, again
    r"(?:stop|pause|hold off|hold(?= (?:your|the|all|any|this|that|\w+(?:xaban|rin|grel|gatran)\b))|halve|double|skip|miss(?: out)?|omit|withhold|suspend|leave (?:out|off)"
    r"|cut (?:down|out|back)?|lower|reduce|increase|raise|delay|postpone|swap|switch|restart|start|begin|resume"
    r"|come off|go off|wean|taper|go without|do without|change|adjust|discontinue|cease|interrupt|drop|avoid"
    r"|hold back|put off|bridge|replace|quit)"
)
_TREATMENT = r"(?:treatment|injection|block|procedure|operation|needle|steroid|appointment|it|this|one|x-ray)"
_YOU = r"(?:you|the patient|this patient|they|he|she)"
_BE = r"(?:are|is|will be|would be|can be|may be|'re|'s|seems?|looks?|appears?|should be|have been|has been)"
_FINE = (
    r"(?:be )?"
    r"(?:able|allowed|ok|okay|fine|all right|alright|good|clear(?:ed)?|fit|accepted|approved|authori[sz]ed|ready"
    r"|safe|free|a candidate|well enough|permitted|ruled out|excluded|turned down|refused|declined|barred|too"
    r" (?:ill|old|young|frail)|at (?:high|low|no|increased|more|less) risk)"
)
_SELF = r"(?<!told to )(?<!had to )(?<!you to )(?<!you )"  # "before you stop": others' acts are no advice
# name -> what is meant; the sentence is normalised, see `plain`. Each is tried sentence by sentence.
_DECIDING = (
    rf"\b{_YOU} (?:{_BE}|will not be|not) (?:now |probably |likely |not |therefore |also )*{_FINE}\b(?! (?:to )?"
    r"(?:tell|ask|read|bring|write|choose|answer|speak|ring|call|leave|come back))",
    rf"\b{_YOU} (?:can|cannot|can't|may|may not|should|should not|shouldn't|must|must not|could|will|won't"
    rf"|ought to|need to|do not need|don't need|need) (?:still |now |not |safely |only |well )*"
    rf"(?:have|get|receive|go ahead|proceed|undergo|be given|be treated|book)\b(?! (?:a friend|someone|help))",
    rf"\b{_TREATMENT} (?:is|will be|would be|may be|can be|could be|seems|should|is likely to|is not|isn't)"
    r" (?:\w+ ){0,2}?(?:safe|right|best|ok|okay|fine|appropriate|advised|dangerous|go ahead|help you|work"
    r"|cure|refused|declined|cancelled|approved|cleared|out of the question|a good|a bad|indicated)\b",
    r"\bsafe to (?:have|inject|go ahead|proceed|treat|stop|start|take|book|give|be|come|continue|drive|carry)",
    r"\b(?:qualif\w+|approved?|approval) (?:for (?:the |this |a )?"
    rf"(?:{_TREATMENT})|to have)\b",
    rf"\b{_YOU} (?:do not |don't |will |would )?qualify\b",
    r"\b(?:request|application|booking|treatment|injection|answers?) (?:is|are|has been|have been|was) "
    r"(?:now )?(?:approved|accepted|refused|declined|turned down|fine|ok|okay|safe|clear)\b",
    r"\b(?:meets?|met|fulfils?|pass(?:es|ed)?|fail(?:s|ed)?|fits?) (?:all |none of )?(?:of )?(?:the |our )?"
    r"(?:criteria|screening|checks?|test|requirements)\b",
    r"\b(?:high|low|medium|moderate|top|first|lower|higher) (?:risk|priority|urgency)\b(?! pregnanc)",
    r"\b(?:priority|risk|urgency|score|triage)\s?(?:level|category|band)?\s?[:=]",
    r"(?<!do )(?<!if )(?<!that )(?<!when )\b(?:you|patient) (?:probably |likely |clearly |almost certainly |may well |must )*"
    r"(?:have|has|suffers? from) (?:a form of |signs of |got )?(?:crps|arthritis|neuropathy|sciatica|a (?:trapped|damaged|pinched) nerve"
    r"|an? (?:blood clot|infection|fracture|tumour|allergy))\b(?!\?)",
    r"\b(?:we|i|the doctor|the nurse|the clinic)(?: would|'d)? (?:strongly )?"
    r"(?:recommend|advise|suggest|prefer|urge)s?\b",
    r"\b(?:have|with|be) none in your (?:blood|body|system)\b",
    r"\b(?:no (?:reason|need)|(?:do not|don't) need) (?:not )?to (?:have|see|wait|tell|ring|call|stop|take)\b",
    r"\b(?:will|should|is sure to|is certain to) (?:help|work|fix|heal|cure|end|take away) (?:you|for you|your)\b",
    r"\bgo ahead with\b|\btick(?:s|ed)? (?:all )?(?:the |every )?box(?:es)?\b|\bpain[- ]free\b|\bdo not worry\b",
    r"\bwe (?:think|believe|feel|expect) (?:that )?(?:you|this|the|it)\b|\bas (?:normal|usual)\b",
    r"\b(?:cannot|not|only|never) (?:have|get|receive|for) (?:this|people|patients|those|anyone)\b",
    r"\b(?:only|all|most) (?:people|patients) (?:without|with|who) .*\b(?:get|have|receive) (?:this|it|the)\b",
    r"\bscore (?:is|of)\b|\bis (?:not )?urgent\b|\bno (?:doctor|nurse|clinician)\b",
    rf"(?<!whether the )(?<!if the )\b{_TREATMENT} (?:is|are|will be) (?:not |just )?(?:for you|right for|a match)\b",
    r"\b(?:good|bad|poor|perfect|ideal|strong|no) (?:match|fit|candidate)\b",
    r"\bwe (?:can|cannot|will|will not|do not|are able to|are unable to) (?:safely )?(?:treat|inject|help|accept"
    r"|take) (?:you|this|people|patients|anyone)\b",
    r"\b(?:someone|somebody|people|patients?) (?:that |who |whom )?we (?:can|cannot|will|do not)\b",
    r"\b(?:low|high|medium)-?\s?risk (?:patient|case|request|person)\b",
    r"^(?:risk|priority|urgency|triage|score)\b",
    r"\b(?:may|can|must|should|need not) (?:not )?be (?:booked|seen|treated|injected|refused|accepted)\b",
    r"\bfast[- ]?track|\bbook (?:straight away|right away|now|at once)\b|\b(?:without|no) (?:a )?review\b",
    r"\b(?:not|no) need (?:for )?(?:a |any |to be )?(?:review|check|consultation|referral|doctor)",
    r"\b(?:symptoms?|answers?|pain|this|it) (?:all )?(?:suggests?|shows?|means?|indicates?|points? to|proves?"
    r"|confirms?|sounds? like|looks? like) (?:that )?(?:you|the patient|an?|nerve|sciatica|crps|arthritis)\b",
    r"\byou (?:should|must|need to|ought to) (?:not )?(?:drive|eat|drink|rest|exercise|work|stay|lie|fast|sleep)\b",
    r"\b(?:well|badly|poorly) (?:enough )?controlled\b",
    r"\b(?:will|does) (?:take (?:your|the|this) pain away|make you better|end your pain|stop the pain)\b",
    r"\b(?:people|patients|you|everyone|nobody) (?:are|is|will be|get) (?:cured|better|pain[- ]free|healed)\b",
    r"\b(?:your|their|his|her|patient's) (?:\w+ )?(?:risk|chances?) (?:of \w+ )?(?:is|are|seems?|looks?) (?:\w+ )?"
    r"(?:low|lower|high|higher|small|slight|great|raised|nil|none|good|poor)\b",
    rf"\b{_YOU} (?:do|does) not need (?:any|more|further|other|a|an|the) (?:\w+ )?(?:tests?|scans?|checks?|x-?rays?|bloods?)\b",
    r"\b(?:ignore|skip|forget) this (?:if|when|question)\b",
    r"\b(?:refuse|decline|reject|accept|approve) (?:this|the|any) (?:patient|request|person)\b",
)
_ADVISING = (
    rf"{_SELF}\b{_LESS}(?: taking| using)?(?: \w+){{0,3}}? {_MEDICINE}\b",
    r"\b(?:hold|stop|pause|skip|omit) (?:\w+ ){1,3}(?:for|until|on the|before|from) (?:\w+ )?"
    r"(?:hours?|days?|weeks?|morning|night|day|injection|procedure|treatment|block)\b",
    rf"\b{_MEDICINE} (?:\w+ )?(?:should|must|can|may|needs? to|has to|is to|are to|will) (?:\w+ )?be "
    r"(?:stopped|paused|held|halved|omitted|withheld|reduced|increased|changed|restarted|taken|skipped|missed"
    r"|given|avoided|started|left out)",
    rf"\b(?:no|without any|none of your|less|half (?:your|the|a)|more|extra|twice (?:your|the)) "
    rf"(?:\w+ )?{_MEDICINE} (?:on|for|before|from|until|after|the|in)\b",
    rf"^(?:please )?(?:take|use|give)(?: \w+){{0,3}}? {_MEDICINE}\b",
    rf"\b(?:should|must|need to|ought to|has to|have to) (?:not )?(?:take|use|have)(?: \w+){{0,2}}? {_MEDICINE}\b",
    r"\b(?:have|take|leave|allow) (?:a|an|two|three|\d+)? ?(?:\w+ )?(?:break|gap|week|days?) (?:\w+ )?"
    rf"(?:from|off|without)(?: \w+){{0,2}}? {_MEDICINE}\b",
)
_TAKING = (  # tried even where a sentence says that nothing changes
    rf"\b(?:not|never) (?:to )?(?:have|take|taken|use|inject|eat|swallow)(?: \w+){{0,2}}? {_MEDICINE}\b"
    r"(?! (?:before|yet|with us|ever))",
    rf"^(?:please |then )?leave(?: \w+){{0,2}}? {_MEDICINE}\b",
    rf"\b(?:try|start|keep on|consider) (?:taking|using)(?: \w+){{0,2}}? (?!your){_MEDICINE}\b",
    rf"\byou (?:need|want|require) (?:a |an |some )?(?:\w+ )?(?:stronger|weaker|other|different|more|less) {_MEDICINE}\b",
    rf"\b{_MEDICINE}(?: \w+)?:? (?:none|off|out|can wait|can stop|should be off|should stop)\b",
    rf"\b(?:last|next|first|final) {_MEDICINE}\b (?:\w+ )*(?:before|after|on)\b",
)
_KEEPS = re.compile(  # saying that nothing changes is no advice to change; nor is what others may say
    r"\b(?:do not|don't|never|without|not) (?:\w+ )?(?:stop|change|skip|miss|pause|reduce)\w*\b"
)
_ASKS = re.compile(r"^(?:did|have|has|had|were|was|when did|why did|do you ever|does|which|how often) .*\?$")
_SENTENCES = re.compile(r"(?<=[.!?;:])\s+|\n+")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "‑": "-", "‐": "-", "–": "-", "—": "-"})
_LOOK_ALIKES = str.maketrans("аеорсухіјѕԁɡоАВЕКМНОРСТХ", "aeopcyxijsdgoabekmhopctx")


def plain(text: str) -> str:
    """As a reader hears it: no case, no width, no hidden or foreign letters, one kind of quote and blank."""
    wide = unicodedata.normalize("NFKC", text).translate(_QUOTES).translate(_LOOK_ALIKES)
    shown = "".join(letter for letter in wide if unicodedata.category(letter) != "Cf")
    words = shown.casefold().replace("can't", "cannot").replace("won't", "will not")
    for short, long in (
        ("n't", " not"),
        ("'ll", " will"),
        ("'re", " are"),
        ("'d", " would"),
        ("'ve", " have"),
    ):
        words = words.replace(short, long)
    return words


def banned_words(text: str, more: Iterable[str] = ()) -> Iterator[str]:
    """The banned words in a text, as they are listed, and the stretches of it that decide or advise."""
    heard = plain(text)
    flat = " ".join(heard.split())
    for word in (*BANNED, *more):
        if _word(word).search(flat) and not _asked(word, heard):
            yield word
    for sentence in _SENTENCES.split(" \n".join(heard.split("\n\n"))):
        yield from _stretches(" ".join(sentence.split()))


def _asked(word: str, heard: str) -> bool:
    """Whether a listed word stands only in questions about what was."""
    parts = [" ".join(part.split()) for part in _SENTENCES.split(heard)]
    there = [part for part in parts if _word(word).search(part)]
    return bool(there) and all(_ASKS.match(part) for part in there)


def _stretches(sentence: str) -> Iterator[str]:
    if _ASKS.match(sentence):
        return
    patterns = (*_DECIDING, *_TAKING) if _KEEPS.search(sentence) else (*_DECIDING, *_TAKING, *_ADVISING)
    for pattern in patterns:
        found = re.search(pattern, sentence)
        if found:
            yield found[0].strip()


@lru_cache(maxsize=512)
def _word(word: str) -> re.Pattern[str]:
    written = re.escape(" ".join(plain(word).rstrip("*").split()))
    return re.compile(rf"\b{written}" if word.endswith("*") else rf"\b{written}\b")
