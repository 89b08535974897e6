"""Who is to be heard of which connection. The system keeps the list: one with nothing to do costs nothing.

waitress' own loop asks every connection whenever anything happens, is woken after every answer, and, while an
answer is being written, finds again and again that there is something to write and no lock to be had. Here an
answer that its thread could send wakes nobody.
"""

from __future__ import annotations

import select
import time
from functools import partial
from mmap import mmap
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from typing import Any, NamedTuple

from waitress import wasyncore
from waitress.server import TcpWSGIServer

AFTER_YOU = 0.002  # seconds for which who has more connections leaves the next one to others
FLAGS = {
    EVENT_READ: select.POLLIN,
    EVENT_WRITE: select.POLLOUT,
    EVENT_READ | EVENT_WRITE: select.POLLIN | select.POLLOUT,
}  # as waitress says it


def _wants(one: Any) -> int:
    """What it would hear of, as it stands."""
    return EVENT_READ * bool(one.readable()) | EVENT_WRITE * bool(one.writable() and not one.accepting)


class Watched(dict[int, Any]):
    """waitress' list of what is open, by file; the system is told of each.

    All but `watch_soon` is for the loop's own thread. What somebody wants may change at any time in a thread
    that answers. So reading goes on being watched meanwhile; only when something comes that nobody wants to
    hear, the system is told so, and the answering thread, which looks at the end, has it told anew.
    """

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[int, int] = {}
        self._selector = DefaultSelector()

    def __setitem__(self, file: int, one: Any) -> None:
        super().__setitem__(file, one)
        self._tell(file, one, EVENT_READ)

    def __delitem__(self, file: int) -> None:
        self._tell(file, self[file], 0)
        super().__delitem__(file)
        del self._told[file]

    def _tell(self, file: int, one: Any, wanted: int) -> None:
        before, self._told[file] = self._told.get(file, 0), wanted
        if before:
            self._selector.unregister(file)
        if wanted:
            self._selector.register(file, wanted, one)

    def watch(self, one: Any) -> None:
        """Hear what it wants to hear by now; looked at again after telling: it may have changed meanwhile."""
        file = one._fileno
        while self.get(file) is one and (wanted := _wants(one)) != self._told.get(file):
            self._tell(file, one, wanted)

    def watch_soon(self, one: Any) -> None:
        """The same from a thread that answers."""
        if _wants(one) != self._told.get(one._fileno):
            one.server.trigger.pull_trigger(partial(self._attend, one))

    def _attend(self, one: Any) -> None:
        if one._fileno in self and one.writable():
            wasyncore.readwrite(one, select.POLLOUT)
        self.watch(one)

    def turn(self, timeout: float) -> None:
        """Wait until something happens, and let those whom it concerns see to it."""
        for key, happened in self._selector.select(timeout):
            one = self.get(key.fd)
            if one is None or one is not key.data:  # closed by one before it
                continue
            heard = happened & _wants(one)
            if heard:
                wasyncore.readwrite(one, FLAGS[heard])
            if not heard or one.writable():
                self.watch(one)


class Share(NamedTuple):
    """How many connections each process on one address has open, and which of them this is."""

    open_in: memoryview
    mine: int = 0

    @classmethod
    def among(cls, processes: int) -> list[Share]:
        """One for each, in memory that those who are forked from now on have together."""
        open_in = memoryview(mmap(-1, processes * 4)).cast("I")
        return [cls(open_in, mine) for mine in range(processes)]

    @property
    def fewest(self) -> int:
        """That one of them has."""
        return min(self.open_in)

    def tell(self, number: int) -> None:
        """The others, of ours."""
        self.open_in[self.mine] = number


class Server(TcpWSGIServer):  # type: ignore[misc]  # waitress ships no types
    """waitress' server with this loop; on one address with others, it leaves them their share."""

    _map: Watched

    def __init__(self, *given: Any, share: Share, **more: Any) -> None:
        self._share = share
        super().__init__(*given, **more)

    def run(self) -> None:
        """Until a signal ends it; what is being answered is answered."""
        try:
            while self._map:
                self._share.tell(len(self.active_channels))
                self._map.watch(self)  # which also closes the silent, and takes nobody in when all is taken
                self._map.turn(self.adj.asyncore_loop_timeout)
        except (SystemExit, KeyboardInterrupt):
            self.task_dispatcher.shutdown()

    def handle_accept(self) -> None:
        """As waitress does it; who just took one is awake before the others, and would take the next too."""
        if len(self.active_channels) > self._share.fewest:
            time.sleep(AFTER_YOU)
        super().handle_accept()
        self._share.tell(len(self.active_channels))

    def pull_trigger(self) -> None:
        """Nothing: a connection that wants something of the loop says which it is."""

    def maintenance(self, now: float) -> None:
        """As waitress does it; those that were silent for too long go at once, also who fetches nothing."""
        super().maintenance(now)
        for channel in list(self.active_channels.values()):
            if channel.will_close and not channel.requests:
                channel.handle_close()
