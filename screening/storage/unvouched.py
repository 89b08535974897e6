"""What no event vouches for, and why: a table, or a column of one that `binding` has."""

from __future__ import annotations

from collections.abc import Mapping

UNVOUCHED: Mapping[str, str] = {
    "drafts": "not sent yet: what is moved or changed does not open, and who misses theirs begins again",
    "rule_sets": "each says its own digest, and those that requests and sign-offs name are there",
    "heartbeat": "only that it can be written counts",
    "upkeep": "when work was done last; what is not done is told by /ready and screening doctor",
    "arrivals": "how many forms came within the last hour",
    "registered_keys": "held against the keys themselves at each start",
    "sign_ins": "the last one of each person, which is an event as well",
    "staff_sessions": "half a day at most; what is done in one is an event, with who and from where",
    "sign_in_tries": "the last fifteen minutes",
    "status_counts": "counted anew",
    "presence": "who looks at what now",
    "events": "each holds the hash of the one before",
    "event_requests": "held against the events themselves",
    "event_head": "held against the events, and against the heads that are kept elsewhere",
    "event_joins": "each holds the hash of the one before",
    "people.totp_step": "the code that was used up last: worth half a minute",
    "people.created_at": "an event says it",
    "people.changed_at": "an event says it",
    "passkeys.sign_count": "what a device says of itself at each use",
    "passkeys.transports": "what a device says of itself",
    "passkeys.extensions": "what a device says of itself",
    "passkeys.device_type": "what a device says of itself",
    "passkeys.backed_up": "what a device says of itself at each use",
    "passkeys.used_at": "which challenge was used up last: each is good for minutes",
    "outbox.touched_at": "whether a digest is owed once more than it was sent",
    "outbox.tries": "of what waits; one that is tried too often is told by /ready",
    "outbox.error": "a code, of the last try",
}
