"""How it is reached."""

from __future__ import annotations

from screening.operating.checks.check import Check, when
from screening.operating.surroundings import host_of, is_local

REACHED: tuple[Check, ...] = (
    Check(
        "http_address",
        "refused",
        lambda at: when(
            at.settings.public_address.lower().startswith("http:")
            and not is_local(host_of(at.settings.public_address)),
            at.settings.public_address,
        ),
        "Patients' answers would travel in the clear: put TLS in front, and set SCREENING_PUBLIC_ADDRESS=https://...",
    ),
    Check(
        "odd_address",
        "said",
        lambda at: when(
            bool(at.settings.public_address) and not host_of(at.settings.public_address),
            at.settings.public_address,
        ),
        "Links in mails lead nowhere: set SCREENING_PUBLIC_ADDRESS to an address such as https://forms.example.org.",
    ),
    Check(
        "no_proxies",
        "said",
        lambda at: when(
            at.settings.proxies == 0
            and (at.settings.public_address.startswith("https:") or not at.settings.trial),
            "SCREENING_PROXIES is 0",
        ),
        "Behind a proxy with TLS every form that is sent is refused (403), for the service takes its own "
        "address for http. Set SCREENING_PROXIES=1, or how many proxies set X-Forwarded-* headers.",
    ),
    Check(
        "bare",
        "said",
        lambda at: when(not is_local(at.settings.host) and at.settings.proxies == 0, at.settings.host),
        "It listens on the network without TLS, and browsers keep no cookie of it. "
        "Listen on 127.0.0.1 behind a proxy with TLS.",
    ),
    Check(
        "reached_directly",
        "deployed",
        lambda at: when(not is_local(at.settings.host) and at.settings.proxies > 0, at.settings.host),
        "Whoever reaches the port without the proxy can claim any address. Listen on 127.0.0.1, where only "
        "the proxy comes, or keep others away from the port and accept this.",
    ),
    Check(
        "no_public_address",
        "deployed",
        lambda at: when(not at.settings.public_address, "SCREENING_PUBLIC_ADDRESS is empty"),
        "Mails to staff hold no link to the desk, and no question can be sent to a patient: set it.",
    ),
)
