"""Flask-Security's view of `storage.people`: its user, role and passkey, each write a short transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from flask_security import RoleMixin, UserMixin, WebAuthnMixin
from flask_security.datastore import UserDatastore

from screening.service.premises import Premises
from screening.service.recording import Recorder, recording
from screening.storage import people
from screening.storage.database import reading, writing
from screening.storage.people import Member, MemberColumns, StoredPasskey

# Flask-Security's names for our columns.
_COLUMNS = {
    "password": "password",
    "active": "active",
    "fs_uniquifier": "uniquifier",
    "tf_totp_secret": "totp_secret",
    "mf_recovery_codes": "recovery_codes",
    "fs_webauthn_user_handle": "passkey_handle",
}
_KEYS = {"id": "id", "email": "email"} | _COLUMNS


class AccountRole(RoleMixin):
    """A role by its name alone: what it may is said by the pages."""

    def __init__(self, name: str) -> None:
        self.name = name


class Account(UserMixin):
    """A member of staff, with the attributes that Flask-Security reads and writes."""

    fs_uniquifier = ""
    fs_webauthn_user_handle = ""
    tf_phone_number = None

    def __init__(self, member: Member, store: Store) -> None:
        self.member = member
        self._store = store
        self.id = member.id  # type: ignore[assignment]  # Flask-Security only compares it
        self.name = member.name
        self.email = member.email
        self.password = member.password
        self.active = member.active
        self.roles = [AccountRole(name) for name in member.roles]
        self.fs_uniquifier = member.uniquifier
        self.fs_webauthn_user_handle = member.passkey_handle
        self.tf_totp_secret = member.totp_secret
        self.mf_recovery_codes = list(member.recovery_codes)

    @property
    def tf_primary_method(self) -> str | None:
        """An authenticator app, once it is set up."""
        return "authenticator" if self.tf_totp_secret else None

    @tf_primary_method.setter
    def tf_primary_method(self, method: str | None) -> None:
        del method  # the secret says it

    @property
    def webauthn(self) -> list[WebAuthnMixin]:  # type: ignore[override]  # read when asked for
        """Their passkeys."""
        return self._store.passkeys_of(self.member.id)


class Passkey(WebAuthnMixin):
    """A credential that a person registered."""

    def __init__(self, row: StoredPasskey) -> None:
        self.person_id: str = row.person_id
        self.name = row.name
        self.credential_id = row.credential_id
        self.public_key = row.public_key
        self.sign_count = row.sign_count
        self.transports = row.transports
        self.extensions = row.extensions
        self.usage = row.usage
        self.device_type = row.device_type
        self.backup_state = row.backed_up
        self.lastuse_datetime: datetime = row.used_at

    def get_user_mapping(self) -> dict[str, str]:
        """How `find_user` finds its owner."""
        return {"id": self.person_id}


class Store(UserDatastore):
    """The datastore; `put` writes what changed, at once, so there is nothing left to commit."""

    def __init__(self, service: Premises) -> None:
        super().__init__(Account, AccountRole, Passkey)
        self._service = service

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> Account | None:
        """By one of _KEYS; addresses are kept in lower case as it is. Raises Unavailable."""
        del case_insensitive
        ((name, value),) = kwargs.items()
        with reading(self._service.engine) as connection:
            member = people.find(connection, **{_KEYS[name]: str(value)})
        return Account(member, self) if member is not None else None

    def find_role(self, role: str) -> AccountRole | None:
        """Any name: pages know which ones there are."""
        return AccountRole(role)

    def put(self, model: Any) -> Any:
        """Write the columns that changed since it was read."""
        if isinstance(model, Passkey):
            self._put_passkey(model)
        elif changes := _changes(model):
            if "password" in changes:
                changes |= MemberColumns(password_once=False, password_until=None)
            with recording(self._service) as recorder:
                people.change(recorder.connection, model.member.id, changes, self._service.now())
                found = people.find(recorder.connection, id=model.member.id)
                _note(recorder, model, changes)
            model.member = found or model.member
        return model

    def commit(self) -> None:
        """`put` did it."""

    def delete(self, model: Any) -> None:
        """Only passkeys are ever deleted: the history names people for ever."""
        with recording(self._service) as recorder:
            people.delete_passkey(recorder.connection, model.credential_id)
            recorder.note("passkey_removed", self._owner(recorder, model.person_id), name=model.name)

    def passkeys_of(self, person_id: str) -> list[WebAuthnMixin]:
        """By name."""
        with reading(self._service.engine) as connection:
            return [Passkey(row) for row in people.passkeys_of(connection, person_id)]

    def find_webauthn(self, credential_id: bytes) -> Passkey | None:
        """A passkey, whosever it is."""
        with reading(self._service.engine) as connection:
            row = people.find_passkey(connection, credential_id)
        return Passkey(row) if row is not None else None

    def create_webauthn(  # type: ignore[override]  # called with keywords
        self, user: Account, credential_id: bytes, **values: Any
    ) -> None:
        """Keep a new passkey."""
        values["transports"] = [
            getattr(transport, "value", transport) for transport in values["transports"] or ()
        ]
        values["backed_up"] = values.pop("backup_state")
        values["device_type"] = str(getattr(values["device_type"], "value", values["device_type"]))
        values["used_at"] = self._service.now()
        with recording(self._service) as recorder:
            people.add_passkey(recorder.connection, user.member.id, credential_id, **values)
            recorder.note("passkey_added", actor(user), name=values["name"])

    def _owner(self, recorder: Recorder, person_id: str) -> tuple[str, str]:
        found = people.find(recorder.connection, id=person_id)
        return (person_id, found.name if found is not None else "")

    def _put_passkey(self, passkey: Passkey) -> None:
        with writing(self._service.engine) as connection:
            people.change_passkey(
                connection,
                passkey.credential_id,
                sign_count=passkey.sign_count,
                backed_up=passkey.backup_state,
            )


def actor(account: Account) -> tuple[str, str]:
    """How the audit names them."""
    return account.member.id, account.member.name


# What a change of a column is called in the audit; the others follow from these.
EVENTS = {
    "password": "password_changed",
    "totp_secret": "second_factor_changed",
    "recovery_codes": "recovery_codes_made",
}


def _note(recorder: Recorder, account: Account, changes: MemberColumns) -> None:
    for column, action in EVENTS.items():
        if column in changes:
            recorder.note(action, actor(account))


def _changes(account: Account) -> MemberColumns:
    now = {column: getattr(account, name) for name, column in _COLUMNS.items()}
    now["recovery_codes"] = tuple(now["recovery_codes"] or ())
    changed = {column: value for column, value in now.items() if value != getattr(account.member, column)}
    return cast(MemberColumns, changed)
