"""What somebody who can write to the database might do to the events of lanes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import combinations, product
from typing import Any

from sqlalchemy import Connection, Executable, delete, insert, select, update

from screening.storage import events, lanes, tables
from screening.storage.lanes import BEGINNING, FIRST, Head

from .making import NOW

T, H, J = tables.events, tables.event_head, tables.event_joins
LANES = 3
OF_LANE = {lanes.of(name, LANES): name for name in ("R1", "R2", "R3", "R4", "R5", "R6", "R7")}


def append(connection: Connection, request: str, action: str = "noted", **more: Any) -> Head:
    more = {"details": {"n": 1}} | more
    return events.append(
        connection, actor="p1", action=action, request=request, origin="192.0.2.7", now=NOW, **more
    )


Meddling = Iterator[tuple[str, Callable[[Connection], object]]]


def numbered(number: int) -> Any:
    return T.c.number == number


def doing(*statements: Executable) -> Callable[[Connection], None]:
    def do(connection: Connection) -> None:
        for statement in statements:
            connection.execute(statement)

    return do


def changed(row: Any, **values: Any) -> Callable[[Connection], None]:
    return doing(update(T).where(numbered(row.number)).values(**values))


def edits(rows: Sequence[Any]) -> Meddling:
    for row in rows:
        for column in (*events.HASHED[1:], "hash", "bound"):
            yield f"{column} of {row.number} edited", changed(row, **{column: "{}"})
        for lane in {1, 2, 3, 4} - {row.lane}:
            yield f"{row.number} moved to lane {lane}", changed(row, lane=lane)
        yield f"{row.number} renumbered", changed(row, number=row.number + 50)


def deletions(rows: Sequence[Any]) -> Meddling:
    for row in rows:
        yield f"{row.number} deleted", doing(delete(T).where(numbered(row.number)))


def insertions(rows: Sequence[Any]) -> Meddling:
    """Every event once more, behind each other one of any lane, as the next of that one."""
    for row, after in product(rows, rows):
        new = {"number": after.number + 100, "lane": after.lane, "previous": after.hash}
        forged = row._asdict() | new
        forged["hash"] = events.hash_of(forged_columns(forged))
        yield f"{row.number} put in after {after.number}", doing(insert(T).values(forged))


def insertions_between(rows: Sequence[Any]) -> Meddling:
    """The same in the midst, all later events being counted on."""
    for row, after in product(rows, rows[:-1]):
        later = update(T).where(T.c.number > after.number).values(number=T.c.number + 200)
        forged = row._asdict() | {"number": after.number + 100, "lane": after.lane}
        yield f"{row.number} put in before those after {after.number}", doing(later, insert(T).values(forged))


def forged_columns(row: dict[str, Any]) -> dict[str, Any]:
    lane = {"lane": row["lane"]} if row["lane"] != FIRST else {}
    return {name: row[name] for name in events.HASHED} | lane


def swaps(rows: Sequence[Any]) -> Meddling:
    """All but the places of two events, of one lane or of two; hashes made to fit or not."""
    places = ("number", "lane", "previous", "hash")
    for one, other in combinations(rows, 2):
        for whole in (True, False):

            def swap(it: Connection, one: Any = one, other: Any = other, whole: bool = whole) -> None:
                for here, there in ((one, other), (other, one)):
                    content = {name: value for name, value in there._asdict().items() if name not in places}
                    row = here._asdict() | content
                    digest = events.hash_of(forged_columns(row)) if whole else there.hash
                    it.execute(update(T).where(numbered(here.number)).values(**content, hash=digest))

            yield f"{one.number} and {other.number} swapped, whole: {whole}", swap


def cut(it: Connection, lane: int, after: int) -> None:
    """The end of a lane is gone, and its head row says so."""
    it.execute(delete(T).where(T.c.lane == lane, T.c.number > after))
    last = it.execute(select(T).where(T.c.lane == lane).order_by(T.c.number.desc()).limit(1)).first()
    end = {"number": last.number, "hash": last.hash} if last else {"number": 0, "hash": BEGINNING}
    it.execute(update(H).where(H.c.id == lane).values(**end))


def truncations(rows: Sequence[Any]) -> Meddling:
    for row in rows:
        yield (
            f"lane {row.lane} cut off before {row.number}",
            partial(cut, lane=row.lane, after=row.number - 1),
        )


def removals(_rows: Sequence[Any]) -> Meddling:
    heads = {lane: delete(H).where(H.c.id == lane) for lane in range(1, LANES + 1)}
    for lane, head in heads.items():
        yield f"lane {lane} removed", doing(delete(T).where(T.c.lane == lane), head)
        yield f"head row of {lane} deleted", doing(head)
    yield "all removed", doing(delete(T), *heads.values())


def rechain(it: Connection) -> None:
    """What a careful forger does: all lanes agree in themselves again, head rows included."""
    last = {lane: Head(0, BEGINNING, lane) for lane in range(1, LANES + 1)}
    for row in it.execute(select(T).order_by(T.c.number)).all():
        was = last[row.lane]
        digest = events.hash_of({**events.hashed(row), "previous": was.hash})
        it.execute(update(T).where(numbered(row.number)).values(previous=was.hash, hash=digest))
        last[row.lane] = Head(row.number, digest, row.lane)
    for head in last.values():
        it.execute(update(H).where(H.c.id == head.lane).values(number=head.number, hash=head.hash))


def careful(rows: Sequence[Any]) -> Meddling:
    """The same with lanes that agree in themselves again."""
    for name, meddle in (*edits(rows), *deletions(rows), *insertions_between(rows), *swaps(rows)):
        undone = "edited" in name and name.startswith(("previous", "hash"))
        if undone or "lane 4" in name:  # a lane that there is not
            continue

        def then_rechain(it: Connection, meddle: Callable[[Connection], object] = meddle) -> None:
            meddle(it)
            rechain(it)

        yield f"{name}, carefully", then_rechain


MEDDLERS = (edits, deletions, insertions, swaps, truncations, removals, careful)
