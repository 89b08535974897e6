"""The site of `deploy/nginx.conf`, as nginx serves it in front of the service, with a certificate of ours."""

from __future__ import annotations

import json
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from http.client import HTTPResponse, HTTPSConnection
from pathlib import Path
from threading import Thread

import pytest

from screening.cli.server import listening
from screening.settings.environment import load_settings
from screening.web.headers import HEADERS
from tests.conftest import MakeApp
from tests.ports import free_port
from tests.service.test_mail_on_the_wire import certificate
from tests.test_imports import ROOT
from tests.usual import TREATMENT

NAME, PATIENCE = "forms.example.org", 10  # seconds
HOME, ELSEWHERE = "127.0.0.1", "127.0.0.2"  # who asks: this machine, and somebody
STANDS_FOR = "127.0.0.3"  # asks as whoever its header says
READERS, HONEST, SERVED, SOON = 400, 40, 0.95, 2.0

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed"),
]


@dataclass(frozen=True)
class Site:
    """Where it answers, and who it is known to be."""

    port: int
    plain: int
    trusted: ssl.SSLContext
    folder: Path
    stop_service: Callable[[], None]

    def connect(self, source: str = ELSEWHERE) -> ssl.SSLSocket:
        made = socket.create_connection((HOME, self.port), timeout=PATIENCE, source_address=(source, 0))
        return self.trusted.wrap_socket(made, server_hostname=NAME)

    def ask(
        self, path: str, method: str = "GET", source: str = ELSEWHERE, body: bytes = b"", **headers: str
    ) -> tuple[HTTPResponse, bytes]:
        with closing(HTTPSConnection(NAME, self.port, context=self.trusted, timeout=PATIENCE)) as connection:
            connection.sock = self.connect(source)
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body or None, named)
            answer = connection.getresponse()
            return answer, answer.read()


def as_shipped(folder: Path, service: int, secure: int, plain: int) -> str:
    """The shipped site, but for ports, names of files, and where it logs."""
    site = (ROOT / "deploy" / "nginx.conf").read_text()
    changes = {
        r"listen (\[::\]:)?443": f"listen {HOME}:{secure}",
        r"listen (\[::\]:)?80;": f"listen {HOME}:{plain};",
        r"127\.0\.0\.1:8000": f"{HOME}:{service}",
        r"/etc/letsencrypt/live/forms\.example\.org/": f"{folder}/",
        r"/var/log/nginx/": f"{folder}/",
    }
    for old, new in changes.items():
        site = re.sub(old, new, site)
    once = re.sub(r"(?m)^( *listen [^;]*;.*\n) *listen .*\n", r"\1", site)  # not for IPv6 too
    return once.replace("snippets/screening-headers.conf", str(ROOT / "deploy" / "nginx-headers.conf"))


@pytest.fixture
def site(make_app: MakeApp, tmp_path: Path) -> Iterator[Site]:
    app = make_app(proxies=1)
    server = listening(app, load_settings(host=HOME, port=0, proxies=1))
    Thread(target=server.run, daemon=True).start()
    chain, key = certificate(tmp_path, NAME)
    shutil.copy(chain, tmp_path / "fullchain.pem")
    shutil.copy(key, tmp_path / "privkey.pem")
    secure, plain = free_port(), free_port()
    (tmp_path / "site.conf").write_text(as_shipped(tmp_path, server.effective_port, secure, plain))
    bodies = tmp_path / "bodies"
    (tmp_path / "main.conf").write_text(
        f"daemon off; pid {tmp_path}/pid; error_log stderr crit; user root; worker_rlimit_nofile 4096;\n"
        "events { worker_connections 2048; }\n"
        f"http {{ include /etc/nginx/mime.types; client_body_temp_path {bodies};\n"
        f"access_log {tmp_path}/access.log;\n"
        f"set_real_ip_from {STANDS_FOR}; real_ip_header X-Asks;\n"
        f"include {tmp_path}/site.conf; }}\n"
    )
    line = ["nginx", "-p", str(tmp_path), "-c", str(tmp_path / "main.conf")]
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True) as process:
        trusted = ssl.create_default_context(cafile=str(chain))
        found = Site(secure, plain, trusted, bodies, server.close)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and process.poll() is None:
            try:
                found.connect().close()
                break
            except OSError:
                time.sleep(0.05)
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        yield found
        process.terminate()
    server.close()


def in_our_words(answer: HTTPResponse, words: bytes) -> None:
    for header in ("Content-Security-Policy", "X-Content-Type-Options", "Strict-Transport-Security"):
        assert answer.getheader(header), header
    assert words
    assert b"<html" not in words


def test_pages_come_over_tls_alone_and_the_service_knows_who_asks(site: Site) -> None:
    answer, _page = site.ask(f"/{TREATMENT}")
    assert answer.status == 200
    assert "max-age" in (answer.getheader("Strict-Transport-Security") or "")
    assert {name for name, value in HEADERS.items() if answer.getheader(name) != value} == set()
    assert "nginx/" not in (answer.getheader("Server") or "")
    cookie = site.ask(f"/{TREATMENT}/delete-my-answers")[0].getheader("Set-Cookie") or ""
    assert "Secure" in cookie
    with site.connect() as secure:
        assert secure.version() in ("TLSv1.2", "TLSv1.3")
    with socket.create_connection((HOME, site.plain), timeout=PATIENCE) as plain:
        plain.sendall(f"GET /answer/token HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode())
        led, *_ = plain.recv(4096).split(b"\r\n\r\n")
    assert b"301" in led.split(b"\r\n")[0]
    assert f"Location: https://{NAME}/answer/token".encode() in led
    log = site.folder.parent / "access.log"  # of the whole nginx: a distribution's writes each address there
    assert not log.exists() or log.read_text() == ""


def test_a_form_of_this_sites_own_page_alone_is_taken_on_whatever_port_it_listens(site: Site) -> None:
    asked, page = site.ask(f"/{TREATMENT}/for_whom")
    token = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None
    body = b"csrf_token=" + token[1] + b"&answer=me"
    statuses = []
    for origin in (
        f"https://{NAME}:{site.port}",
        f"https://{NAME}",
        f"https://other.example.org:{site.port}",
    ):
        named = {"Origin": origin, "Cookie": str(asked.getheader("Set-Cookie")).split(";")[0]}
        named["Content_Type"] = "application/x-www-form-urlencoded"
        statuses.append(site.ask(f"/{TREATMENT}/for_whom", "POST", body=body, **named)[0].status)
    assert statuses == [303, 403, 403]


def test_what_browsers_load_is_compressed_and_nothing_of_a_body_stays_on_the_disk(site: Site) -> None:
    answer, _ = site.ask("/static/built/style.css", Accept_Encoding="gzip")
    assert answer.getheader("Content-Encoding") == "gzip"
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    refused, page = site.ask(
        f"/{TREATMENT}/medicines", "POST", body=b"answer-medicines=" + b"x" * 900_000, **form
    )
    assert refused.status == 413
    assert b"answer-medicines" in page  # ours, with what was typed
    assert [file for file in site.folder.rglob("*") if file.is_file()] == []


def test_what_the_site_refuses_itself_is_said_in_words_with_our_headers(site: Site) -> None:
    refused, words = site.ask(f"/{TREATMENT}/medicines", "POST", body=b"x" * 3_000_000)
    assert refused.status == 413
    for where in ("/staff/sign-in", "/at/north/staff/sign-in"):  # nginx knows no sites: there need be none
        statuses = []
        for _ in range(60):
            answer, said = site.ask(where, source="127.0.0.9")
            statuses.append(answer.status)
            if answer.status == 429:
                refused, words = answer, said
        assert statuses.count(429) >= 10, where
    in_our_words(refused, words)
    assert site.ask("/staff/sign-in", source="127.0.0.10")[0].status == 200  # others go on


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("GARBAGE", 400),
        ("GET /%zz HTTP/1.1", 400),
        (f"GET / HTTP/1.1\r\nX-Long: {'x' * 20_000}", 400),
        ("GET /ready HTTP/1.1", 403),
        ("GET /not-answered HTTP/1.1", 404),
        ("TRACE / HTTP/1.1", 405),
        (f"GET /{'x' * 20_000} HTTP/1.1", 414),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: unknown", 501),
        ("GET / HTTP/3.0", 505),
    ],
    ids=lambda given: str(given)[:14],
)
def test_so_is_what_never_becomes_a_request_to_the_service(site: Site, line: str, status: int) -> None:
    with site.connect() as asking:
        asking.sendall(f"{line}\r\nHost: {NAME}\r\n\r\n".encode())
        answer = HTTPResponse(asking)
        answer.begin()
        assert answer.status == status
        in_our_words(answer, answer.read())


@pytest.mark.parametrize(
    ("asks", "limited"),
    [("2001:db8:0:1:a:b:c:{:x}", True), ("2001:db8:0:{:x}::1", False), ("192.0.2.{}", False)],
    ids=["one network", "many networks", "many addresses"],
)
def test_addresses_of_one_network_of_ipv6_are_counted_as_one(site: Site, asks: str, limited: bool) -> None:
    sent = (
        site.ask("/staff/sign-in", source=STANDS_FOR, X_Asks=asks.format(number))[0].status
        for number in range(1, 61)
    )
    assert (429 in sent) is limited


def test_where_the_service_is_down_the_site_says_so_for_now_with_our_headers(site: Site) -> None:
    site.stop_service()
    answer, words = site.ask(f"/{TREATMENT}/medicines", "POST", body=b"answer-medicines=none")
    assert answer.status == 503
    assert answer.getheader("Retry-After")
    assert answer.getheader("Cache-Control") == "no-store"
    assert b"<html" not in words


def test_readiness_is_for_this_machine_alone(site: Site) -> None:
    assert json.loads(site.ask("/ready", source=HOME)[1])["status"] == "ready"
    assert site.ask("/ready")[0].status == 403


def test_slow_readers_of_one_address_leave_the_others_served(
    site: Site, record_property: Callable[[str, object], None]
) -> None:
    asked = f"GET /static/built/style.css HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode()
    with ExitStack() as held:
        for _ in range(READERS):
            reader = held.enter_context(closing(site.connect("127.0.0.3")))
            reader.sendall(asked * 20)
        served = 0
        for number in range(HONEST):
            begun = time.monotonic()
            answer, _page = site.ask(f"/{TREATMENT}", source=f"127.0.1.{number + 1}")
            served += answer.status == 200 and time.monotonic() - begun <= SOON
    record_property("reached", f"{served / HONEST:.0%} beside {READERS} readers, behind nginx")
    assert served / HONEST >= SERVED
