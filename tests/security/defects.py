"""Defects to plant, one at a time: each must make a test of its guarantee fail. `make mutants` runs them."""

from __future__ import annotations

from typing import NamedTuple


class Defect(NamedTuple):
    """In a file of `screening/`, the text `old`, which stands there once, becomes `new`."""

    name: str
    file: str
    old: str
    new: str
    test: str  # what must fail


_PLAIN = "security/test_plain_facts.py"
_BROWSERS = f"{_PLAIN}::test_browsers_are_told_to_run_nothing_inline_to_guess_nothing_and_to_frame_nothing"
_FORGED = "web/test_door.py::test_no_unsafe_route_takes_a_forged_request"
_ORIGIN = "security/test_odd_input.py::test_only_the_very_same_origin_may_post"
_TAMPERING = "security/test_tampering.py"
_KEYS = "faults/test_keys.py"
_SIGNING_IN, _STAFF = "accounts/test_security.py", "accounts/test_access.py"
_CHECKS, _DOCTOR = "operating/test_checks.py", "operating/test_doctor.py"
_UPKEEP, _ERASING = "operating/test_upkeep.py", "operating/test_retention.py"
_BACKUPS, _ROTATION = "operating/test_backups.py", "operating/test_rotation.py"
_OTHER_KEYS = "operating/test_other_keys.py"
_CROWDS = "faults/test_slow_readers.py"
_LEFT = f"{_ERASING}::test_nothing_is_left_but_lines_without_content"

DEFECTS = (
    # Headers and forms.
    Defect("nosniff off", "web/headers.py", '"nosniff"', '"sniff"', _BROWSERS),
    Defect("inline scripts allowed", "web/headers.py", "script-src 'self';", "script-src 'self' 'unsafe-inline';", _BROWSERS),
    Defect("framing allowed by the policy", "web/headers.py", "frame-ancestors 'none'", "frame-ancestors 'self'", _BROWSERS),
    Defect("framing allowed by the old header", "web/headers.py", '"DENY"', '"SAMEORIGIN"', _BROWSERS),
    Defect("any source by default", "web/headers.py", "default-src 'none'", "default-src 'self'", _BROWSERS),
    Defect("transport security off", "web/headers.py", "    if not on_this_machine():\n        response", "    if False:\n        response",
           "web/test_door.py::test_transport_security_is_asked_for_everywhere_but_on_this_machine"),
    Defect("pages kept by caches", "web/headers.py", 'setdefault("Cache-Control", "no-store")', 'setdefault("Cache-Control", "private")',
           "web/test_door.py::test_pages_with_answers_are_kept_by_no_cache"),
    Defect("autoescape off", "app.py", "    app.jinja_env.undefined = StrictUndefined\n",
           "    app.jinja_env.undefined = StrictUndefined\n    app.jinja_env.autoescape = False\n",
           f"{_PLAIN}::test_a_name_is_shown_as_text_in_the_queue"),
    Defect("tokens of forms unchecked", "web/door.py", "    csrf.init_app(app)\n",
           '    csrf.init_app(app)\n    app.config["WTF_CSRF_ENABLED"] = False\n', _FORGED),
    Defect("foreign origin taken", "web/headers.py", 'if site not in ("same-origin", "none") or foreign:', "if False:", _ORIGIN),
    Defect("other scheme taken as origin", "web/headers.py", 'origin.lower() != request.host_url.rstrip("/").lower()',
           "urlsplit(origin).netloc != request.host", _ORIGIN),
    Defect("field count unchecked", "web/headers.py", '.count(b"&") >= MAX_FIELDS', '.count(b"&") >= 10**9',
           f"{_PLAIN}::test_thousands_of_fields_are_refused_although_the_token_is_right"),
    Defect("odd hosts let in", "web/headers.py", "if host is None or _is_host(host):", "if True:",
           "security/test_odd_input.py::test_an_odd_host_is_answered_by_us"),
    Defect("refusals before the app without headers", "cli/server.py",
           "        self.response_headers.extend(headers.EVERYWHERE.items())\n", "",
           "security/test_odd_input.py::test_what_the_server_refuses_before_the_app_carries_our_headers"),
    Defect("deep JSON read", "web/headers.py", "    if request.is_json and request.endpoint not in TAKE_JSON:\n        raise UnsupportedMediaType\n", "",
           "security/test_odd_input.py::test_json_is_refused_however_deep"),
    # Staff.
    Defect("roles unchecked", "accounts/access.py", "staff_session.roles.isdisjoint(allowed):", "False:",
           f"{_STAFF}::test_the_map_of_addresses_and_roles"),
    Defect("time step not remembered", "storage/people.py", ".values(totp_step=step)", ".values(totp_step=people.c.totp_step)",
           f"{_SIGNING_IN}::test_each_time_step_is_accepted_once_and_none_before_it"),
    Defect("guesses uncounted", "storage/staff_sessions.py", "if of_account >= TRIES_PER_ACCOUNT or of_address >= TRIES_PER_ADDRESS:",
           "if of_address >= TRIES_PER_ADDRESS:", f"{_SIGNING_IN}::test_five_wrong_passwords_in_a_quarter_of_an_hour_and_no_more"),
    Defect("cookie lives on after signing out", "accounts/sessions.py",
           "            staff_sessions.end(connection, staff_sessions.digest(token))\n", "            pass\n",
           f"{_STAFF}::test_the_old_cookie_is_dead"),
    Defect("session of before lives on", "accounts/sessions.py",
           "            staff_sessions.end(connection, staff_sessions.digest(before))\n", "            pass\n",
           f"{_STAFF}::test_the_session_changes_at_each_step_and_the_one_before_is_worth_nothing"),
    Defect("idle sessions go on", "accounts/sessions.py", "staff_session.ends_at(settings.staff_idle, settings.staff_longest)",
           "staff_session.ends_at(settings.staff_longest, settings.staff_longest)",
           f"{_STAFF}::test_fifteen_idle_minutes_end_it_and_use_puts_that_off"),
    Defect("tries of a fast clock count", "storage/staff_sessions.py", "now + SKEW)", "now + timedelta(days=9))",
           f"{_UPKEEP}::test_tries_of_a_fast_clock_lock_nobody_out_once_it_is_right"),
    Defect("floods taken", "service/patient.py", "taken = so_far.from_address < from_address and so_far.in_all < in_all",
           "taken = so_far.in_all < in_all", "patient/test_limits.py::test_requests_from_one_address_end_and_another_goes_on"),
    Defect("stale page overwrites", "desk/changes.py", "    if version is None or row.version == version:\n        return\n", "    if row is not None:\n        return\n",
           "desk/test_reception.py::test_a_stale_page_changes_nothing_and_says_what_changed"),
    # What is kept.
    Defect("synchronous NORMAL", "storage/sqlite.py", '"synchronous": 2', '"synchronous": 1',
           "storage/test_database.py::test_sqlite_is_set_to_survive_a_power_cut"),
    Defect("a lock given away by opening the file", "storage/sqlite.py", "    if path.is_file() and os.access(path, os.R_OK | os.W_OK):\n        return\n", "",
           "storage/test_database.py::test_what_is_written_after_others_came_and_went_is_theirs_to_read"),
    Defect("deleted rows not overwritten", "storage/sqlite.py", '"secure_delete": 1', '"secure_delete": 0',
           "storage/test_database.py::test_sqlite_is_set_to_survive_a_power_cut"),
    Defect("merge that overwrites", "storage/drafts.py", "answers = {**draft.answers, **changes}", "answers = dict(changes)",
           "storage/test_drafts.py::test_two_tabs_lose_no_answer"),
    Defect("draft sealed to no row", "storage/sealing/tokens.py", 'place("drafts", "sealed", self.row_id)', 'place("drafts", "sealed", "")',
           "storage/test_drafts.py::test_a_draft_moved_to_another_row_does_not_open"),
    Defect("sealing without place", "storage/sealing/hpke.py", 'return f"{table}:{column}:{row}".encode()', 'return b"screening"',
           "storage/sealing/test_hpke.py::test_sealed_text_does_not_open_elsewhere"),
    Defect("blind index unkeyed", "storage/sealing/blind_index.py", "hmac.new(self.raw, message, hashlib.sha256)",
           'hmac.new(b"", message, hashlib.sha256)', "storage/sealing/test_blind_index.py::test_a_kind_and_a_key_make_another_digest"),
    Defect("sent unseen", "service/patient.py", " or shown not in (None, locked.shown):", ":",
           "web/test_both_doors.py::test_answers_changed_in_another_tab_are_shown_before_they_are_sent"),
    Defect("cells are formulas", "exports/csv.py", "if begins or formula or", "if begins or", "exports/test_csv.py::test_no_cell_is_a_formula_after_reading_it_back"),
    Defect("components show markup", "web/components.py", "autoescape=True,", "autoescape=False,",
           "web/test_components.py::test_text_is_escaped_in_every_component"),
    # The audit and the keys.
    Defect("reading forgotten", "desk/desk.py", "    record(desk.service, action, actor(person), reference, **details)\n", "",
           "desk/test_audit.py::test_each_view_of_health_is_in_the_audit"),
    Defect("events bind nothing", "storage/events.py", "else binding.bind(connection)", "else None", _TAMPERING),
    Defect("rows not held against events", "storage/verifying.py", "    problems += _rows(connection, vouched)\n", "",
           f"{_TAMPERING}::test_each_change_of_rows_is_found"),
    Defect("a change of a message forgotten", "storage/messages.py", "    _touch(connection, connection.scalars(changed))\n", "    connection.execute(changed)\n",
           "desk/test_links.py::test_a_link_that_waits_is_in_its_row_and_silence_becomes_something_to_do"),
    Defect("a mail that went forgotten", "storage/outbox.py", "    binding.touch(connection, binding.NOTICE, *changed)\n", "",
           "service/test_delivery.py::test_one_address_that_is_refused_holds_up_no_other"),
    Defect("whatever the sender says counts", "storage/outbox.py", " & outbox.c.due_at.is_not(None)\n    connection", "\n    connection",
           "storage/test_outbox.py::test_a_sender_that_was_away_leaves_alone_what_another_one_sent"),
    Defect("changed events not told", "storage/verifying.py", "if row.hash != hash_of(", "if False and row.hash != hash_of(",
           "storage/test_events.py"),
    Defect("lanes not joined", "storage/verifying.py",
           "    problems += joins.faults(connection, next((head for head in kept if head.lane == JOINED), None))\n", "",
           "storage/test_lanes.py::test_each_change_of_what_joins_the_lanes_is_found"),
    Defect("put in after its time", "storage/verifying.py", "        yield from settled.faults(row)\n", "",
           "storage/test_lanes.py::test_an_event_put_in_at_the_end_of_a_lane_with_a_number_that_was_never_used_is_found"),
    Defect("an event fits every lane", "storage/events.py", "lane = {LANE: row[LANE]} if row[LANE] != FIRST else {}",
           "lane: dict[str, int] = {}", "storage/test_lanes.py::test_whole_lanes_that_changed_places_are_found_by_their_events_alone"),
    Defect("a lane that is gone is not told", "storage/verifying.py", "    for head in missing:\n", "    for head in ():\n",
           "storage/test_lanes.py::test_each_edit_deletion_insertion_swap_and_cut_of_any_lane_is_found"),
    Defect("a transaction takes two lanes", "storage/lanes.py", "    connection.info[_MINE] = last.lane\n", "",
           "storage/test_lanes.py::test_a_transaction_keeps_to_the_lane_of_its_first_event"),
    Defect("all count in one row", "storage/lanes.py", "return int(connection.info.get(_MINE, FIRST))", "return FIRST",
           "storage/test_lanes.py::test_a_transaction_counts_in_its_lane_and_the_sum_is_told"),
    Defect("lanes joined over what was changed", "service/joining.py",
           "if not (several and audit_head.committed(settings, connection)):", "if not several:",
           "service/test_joining.py::test_a_head_that_was_told_vouches_for_all_lanes_and_is_not_joined_over_what_was_changed"),
    Defect("head not kept", "service/audit_head.py", "            kept_head.remember(file, heads, key)\n", "            pass\n",
           f"{_TAMPERING}::test_the_events_that_patients_cause_reach_the_kept_head"),
    Defect("missing head is no finding", "service/audit_head.py", "found = [*before.problems, *verifying", "found = [*verifying",
           f"{_TAMPERING}::test_a_missing_garbled_or_earlier_head_is_itself_a_finding"),
    Defect("foreign key taken", "service/held_keys.py", "        _refuse_foreign(engine, place, ids[place.purpose], now)\n", "        pass\n",
           f"{_KEYS}::test_a_key_of_another_instance_is_refused"),
    Defect("lost key made anew", "service/held_keys.py", "    if expected:\n        raise", "    if False:\n        raise",
           f"{_KEYS}::test_a_key_that_is_gone_is_named_and_not_made_anew"),
    Defect("change of keys not gone on with", "service/held_keys.py", "    _go_on_with_a_change(settings, engine)\n", "",
           f"{_ROTATION}::test_cut_off_after_any_step_it_starts_and_goes_on"),
    Defect("needed key put aside", "operating/rotation.py", "if key_id not in needed]", "if key_id != max(needed, key=str)]",
           f"{_ROTATION}::test_a_part_that_does_not_open_keeps_its_key"),
    Defect("the patients' door takes private keys", "desk/opening.py", "return settings.opens and (", "return (",
           "security/test_doors_apart.py"),
    Defect("secret keys in reach of the patients' door", "operating/surroundings.py", "() if self.settings.opens else self._secret_keys", "()",
           "security/test_doors_apart.py::test_a_secret_key_that_the_patients_process_can_read_is_refused"),
    Defect("the patients' door makes a key that finds", "service/held_keys.py", "    if not settings.opens:\n        return None\n", "",
           "security/test_doors_apart.py::test_what_is_sent_at_the_one_is_read_at_the_other_and_the_one_never_loads_a_key_that_opens"),
    Defect("both doors sign alike", "service/held_keys.py", "    if theirs & {", "    if set() & {",
           "security/test_doors_apart.py::test_a_secret_that_both_doors_have_is_refused"),
    Defect("a person's others are not seen late", "desk/catching_up.py", "if known is None:", "if False:",
           "security/test_doors_apart.py::test_what_came_is_found_and_the_persons_others_pointed_out_once_the_staffs_process_has_seen_it"),
    Defect("serving on covers up", "service/audit_head.py", "    if seen.gone:\n", "    if not seen:\n",
           f"{_TAMPERING}::test_serving_on_does_not_cover_up_what_a_careful_forger_did"),
    Defect("claimed without keys", "operating/upkeep.py", "(on.keys is not None or not job.opens)", "True",
           "security/test_doors_apart.py::test_what_needs_keys_is_left_to_the_process_that_has_them"),
    Defect("a person falls in two while keys change", "storage/sealing/blind_index.py", "before = [person_of(earlier, contact) for earlier in key.earlier]",
           "before: list[str | None] = []", f"{_OTHER_KEYS}::test_names_are_found_by_both_keys_meanwhile_and_a_person_stays_one"),
    Defect("the head of before is not signed anew", "storage/kept_head.py", "after == before and not set(committed) <= set(before)",
           "after == before", f"{_OTHER_KEYS}::test_the_head_is_signed_anew_and_what_was_erased_stays_so_by_either_key"),
    # Many at once.
    Defect("piled up requests answered as they are read", "cli/server.py",
           '            for behind in self.requests[1:]:\n                behind.close()\n                self.requests[0].headers["CONNECTION"] = "close"\n            del self.requests[1:]\n',
           "            self.adj.outbuf_high_watermark = 1024\n", f"{_CROWDS}::test_readers_that_read_nothing_hold_no_thread"),
    Defect("silent connections stay", "cli/server.py", "> CONNECTIONS - ROOM:", "> 10**9:", _CROWDS),
    Defect("as many guesses at once as there are threads", "accounts/passwords.py", "BoundedSemaphore(3)", "BoundedSemaphore(300)",
           "accounts/test_passwords.py"),
    Defect("passwords in the line of pages", "cli/pages_first.py", "if task.requests and takes_password(task.requests[0]):", "if False:",
           "cli/test_pages_first.py"),
    # Operation.
    Defect("weak secret taken", "operating/secrecy.py", "return repeats or word or", "return False and", _CHECKS),
    Defect("nothing refused at start", "operating/doctor.py", "    if refused:\n", "    if False:\n", _DOCTOR),
    Defect("modes of files not looked at", "operating/surroundings.py", "& others]", "& 0]", _CHECKS),
    Defect("clock believed", "operating/witness.py", "return not belief.said", "return True",
           f"{_UPKEEP}::test_a_clock_a_day_ahead_for_an_hour_deletes_nothing_and_is_told"),
    Defect("expired drafts stay", "operating/forgetting.py", "drafts.purge(connection, now)", "0",
           f"{_UPKEEP}::test_expired_drafts_are_gone_whoever_comes"),
    Defect("stuck mail not told", "operating/record_facts.py", "stuck=outbox.stuck(connection, now)", "stuck=0", _DOCTOR),
    Defect("erased and still found", "storage/erasing.py", "    request_index,\n    request_status,\n    outbox", "    request_status,\n    outbox", _LEFT),
    Defect("erased and still in the mail", "storage/erasing.py", "    outbox,\n    messages", "    messages", _LEFT),
    Defect("erased and still in the log", "storage/erasing.py", "wal_checkpoint(TRUNCATE)", "journal_mode", _LEFT),
    Defect("erased and left in the log for good", "operating/forgetting.py", "    erasing.empty_the_log(on.ground.engine)\n", "",
           f"{_ERASING}::test_what_was_erased_while_somebody_read_leaves_the_log_once_they_are_done"),
    Defect("erased while another request goes on", "storage/erasing.py", "        ~goes_on,\n", "",
           f"{_ERASING}::test_each_kind_goes_when_its_time_is_over_and_not_before"),
    Defect("erased comes back", "operating/backups/restore.py", 'again, "restored"', '[], "restored"',
           f"{_ERASING}::test_a_backup_of_before_does_not_bring_it_back"),
    Defect("anybody erases by the list", "operating/erasures.py", "if key.signed(_erased(text), signature):", "if text:",
           f"{_ERASING}::test_a_line_that_was_written_by_somebody_else_erases_nothing"),
    Defect("head of now for the program of then", "operating/backups/restore.py", "    if revision < _HEADS_ARE_SIGNED:\n", "    if False:\n",
           "stored/test_going_back.py::test_the_upgrade_keeps_the_tables_as_they_were_and_they_come_back_so"),
    Defect("restored over what is there", "operating/backups/restore.py", "    if not empty:\n", "    if False:\n",
           f"{_BACKUPS}::test_a_place_in_use_is_refused_and_stays_as_it_is"),
    Defect("half a backup stays", "operating/backups/restore.py", "        _clear(settings, engine)\n        raise\n", "        raise\n",
           f"{_BACKUPS}::test_a_spoilt_backup_is_refused_and_nothing_of_it_stays"),
    Defect("last backup deleted", "operating/backups/schedule.py", "*older, _newest = ", "*older, = ",
           f"{_BACKUPS}::test_they_are_made_by_themselves_and_old_ones_go_but_never_the_last"),
)  # fmt: skip
