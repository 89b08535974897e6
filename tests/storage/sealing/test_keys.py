"""Key files: made once, whole, private; and refused with a remedy when they are not."""

from __future__ import annotations

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from screening.core.errors import NotReady
from screening.storage.sealing.keys import PRIVATE, PUBLIC, create_keys, load_opening_keys, load_sealing_key

CELL = {"table": "t", "column": "c", "row": "r"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with fresh keys."""
    create_keys(tmp_path / "keys")
    return tmp_path / "keys"


def mode(path: Path) -> int:
    """The permissions."""
    return path.stat().st_mode & 0o777


def test_keys_from_files_seal_and_open(folder: Path) -> None:
    sealed = load_sealing_key(folder / PUBLIC).seal(b"pain", **CELL)
    assert load_opening_keys(folder / PRIVATE).open(sealed, **CELL) == b"pain"


def test_keys_are_for_their_owner_only_and_nothing_else_is_left(folder: Path) -> None:
    assert (mode(folder), mode(folder / PRIVATE)) == (0o700, 0o600)
    assert {path.name for path in folder.iterdir()} == {PUBLIC, PRIVATE}


def test_keys_are_never_overwritten(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    create_keys(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_lost_public_key_is_made_again_from_the_private_one(folder: Path) -> None:
    before = (folder / PUBLIC).read_bytes()
    (folder / PUBLIC).unlink()
    create_keys(folder)
    assert (folder / PUBLIC).read_bytes() == before


def test_a_server_with_the_public_key_only_makes_no_private_one(folder: Path) -> None:
    (folder / PRIVATE).unlink()
    create_keys(folder)
    assert not (folder / PRIVATE).exists()


def test_servers_that_start_at_once_agree_on_one_pair(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as servers:
        list(servers.map(create_keys, [tmp_path] * 16))
    assert load_opening_keys(tmp_path / PRIVATE).sealing_key == load_sealing_key(tmp_path / PUBLIC)


def test_several_private_keys_are_read_and_the_first_is_current(tmp_path: Path, folder: Path) -> None:
    create_keys(tmp_path / "next")
    heading, current = (tmp_path / "next" / PRIVATE).read_text().splitlines()
    old = (folder / PRIVATE).read_text().splitlines()[1]
    (folder / PRIVATE).write_text(f"{heading}\n{current}\n{old}\n")
    keys = load_opening_keys(folder / PRIVATE)
    assert len(keys.key_ids) == 2
    assert keys.sealing_key == load_sealing_key(tmp_path / "next" / PUBLIC)


def flip(content: bytes) -> bytes:
    """One wrong bit in the key itself, still well-formed (not every bit of a seed is used: this one is)."""
    heading, line, *_ = content.split(b"\n")
    key_id, text = line.split(b":")
    raw = bytearray(base64.b64decode(text))
    raw[3] ^= 1
    return b"\n".join([heading, key_id + b":" + base64.b64encode(raw), b""])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"",
        lambda content: b"\xff\xfe" + content,
        lambda content: content[:-10],
        lambda content: content.splitlines()[0],
        lambda content: content.replace(b"format 1", b"format 2"),
        lambda content: content.splitlines()[0] + b"\nnonsense\n",
        flip,
    ],
)
@pytest.mark.parametrize(("name", "read"), [(PUBLIC, load_sealing_key), (PRIVATE, load_opening_keys)])
def test_a_garbled_key_file_is_not_ready(
    folder: Path, name: str, read: Callable[[Path], object], spoil: Callable[[bytes], bytes]
) -> None:
    path = folder / name
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(NotReady) as refusal:
        read(path)
    assert str(path) in str(refusal.value)


@pytest.mark.parametrize(("name", "read"), [(PUBLIC, load_sealing_key), (PRIVATE, load_opening_keys)])
def test_a_missing_key_file_is_not_ready(tmp_path: Path, name: str, read: Callable[[Path], object]) -> None:
    with pytest.raises(NotReady):
        read(tmp_path / name)


def test_the_two_files_cannot_be_mistaken_for_each_other(folder: Path) -> None:
    with pytest.raises(NotReady):
        load_sealing_key(folder / PRIVATE)
    with pytest.raises(NotReady):
        load_opening_keys(folder / PUBLIC)


def test_a_private_key_that_others_can_read_is_not_ready(folder: Path) -> None:
    (folder / PRIVATE).chmod(0o640)
    with pytest.raises(NotReady, match="chmod 600"):
        load_opening_keys(folder / PRIVATE)


def test_a_folder_that_cannot_be_made_is_not_ready(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotReady):
        create_keys(tmp_path / "file" / "keys")
