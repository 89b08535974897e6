"""What is promised: each row, the number asked, and the tests that show it, below `tests/`."""

from __future__ import annotations

from typing import NamedTuple


class Guarantee(NamedTuple):
    """What must hold, to what number, and what shows it."""

    name: str
    asked: str
    tests: tuple[str, ...]
    alone: bool = False  # it holds a time to a number, so nothing else runs beside it


_DOOR, _SECURITY, _ACCESS = "web/test_door.py", "accounts/test_security.py", "accounts/test_access.py"
_ODD, _PLAIN, _TAMPERING = (
    "security/test_odd_input.py",
    "security/test_plain_facts.py",
    "security/test_tampering.py",
)
_FAILURES, _UPKEEP, _SENDING = (
    "patient/test_failures.py",
    "operating/test_upkeep.py",
    "faults/test_kill_sending.py",
)
_EVENTS, _LANES, _SQLITE = "storage/test_events.py", "storage/test_lanes.py", "storage/test_database.py"
_DELIVERY, _WIRE = "service/test_delivery.py", "service/test_mail_on_the_wire.py"
_ROTATION = "operating/test_rotation.py"
_STORED, _DISK, _CROWD = "storage/test_requests.py", "faults/test_disk.py", "faults/test_slow_readers.py"
_COLUMNS = "test_columns_cannot_be_set_from_outside"

THREATS = (
    Guarantee(
        "forged requests",
        "0 taken, 0 changes by GET",
        (
            f"{_DOOR}::test_no_unsafe_route_takes_a_forged_request",
            f"{_DOOR}::test_asking_for_pages_changes_nothing",
            "accounts/test_forged.py",
            f"{_ODD}::test_only_the_very_same_origin_may_post",
        ),
    ),
    Guarantee(
        "session theft, fixation",
        "0; 15 min idle, 12 h",
        (_ACCESS, "accounts/test_session_ends.py", "accounts/test_members.py"),
    ),
    Guarantee(
        "missing authorisation",
        "every endpoint and role",
        (
            f"{_ACCESS}::test_every_endpoint_of_the_door_declares_who_may_see_it",
            f"{_ACCESS}::test_an_endpoint_that_declares_nobody_is_refused_to_everybody",
            f"{_ACCESS}::test_the_map_of_addresses_and_roles",
            "accounts/test_who_may.py",
            f"{_ACCESS}::test_a_role_that_nobody_declares_opens_nothing",
        ),
    ),
    Guarantee("foreign ids", "0 reads or writes, as absent", ("accounts/test_foreign_ids.py",)),
    Guarantee(
        "stored script",
        "0 scripts, 0 elements born",
        (
            f"{_PLAIN}::test_what_was_typed_is_shown_as_text_where_it_is_shown",
            f"{_PLAIN}::test_a_name_is_shown_as_text_in_the_queue",
            "browser/test_typed_markup.py",
            "browser/test_staff_pages.py::test_markup_typed_by_patients_and_staff_is_words_on_every_page",
            "web/test_components.py",
        ),
    ),
    Guarantee("spreadsheet formulas", "0 cells", ("exports/test_csv.py",)),
    Guarantee(
        "letters",
        "literal, 0 reads outside",
        (
            "desk/test_letters.py::test_text_that_looks_like_markup_is_shown_literally",
            "desk/test_letters.py::test_odd_characters_do_not_stop_a_letter",
            "hazards/test_papers.py::test_words_never_become_markup",
        ),
    ),
    Guarantee(
        "mail",
        "0 headers, 0 health, 0 names",
        (
            f"{_DELIVERY}::test_each_is_told_once_and_nothing_about_health",
            f"{_DELIVERY}::test_an_appointment_is_confirmed_with_a_file_for_calendars_and_nothing_about_health",
            f"{_WIRE}::test_no_text_makes_a_second_header",
            f"{_WIRE}::test_an_address_with_more_in_it_is_given_up",
            f"{_WIRE}::test_a_name_with_line_ends_makes_no_header",
        ),
    ),
    Guarantee(
        "mass assignment", "0 columns of all and 200", (f"{_DOOR}::{_COLUMNS}", f"{_SECURITY}::{_COLUMNS}")
    ),
    Guarantee(
        "guessed references",
        "0 of 100,000; 429 by the 10th",
        (
            "patient/test_answering.py::test_whoever_guesses_links_is_stopped_by_the_tenth_and_keeps_what_they_typed",
            "patient/test_answering.py::test_no_reference_leads_anywhere_at_the_patients_door",
            "patient/test_answering.py::test_a_link_that_nobody_sent_looks_like_one_that_is_over",
            "core/test_references.py",
        ),
    ),
    Guarantee(
        "guessed passwords",
        "5 in 15 min, 20 an address",
        (
            f"{_SECURITY}::test_five_wrong_passwords_in_a_quarter_of_an_hour_and_no_more",
            f"{_SECURITY}::test_the_right_password_is_not_looked_at_either_until_the_time_is_over",
            f"{_SECURITY}::test_twenty_from_one_address_whatever_the_account",
            f"{_SECURITY}::test_the_count_is_in_the_database_for_all_servers_and_after_a_restart",
            f"{_SECURITY}::test_the_other_secrets_cannot_be_guessed_either",
        ),
    ),
    Guarantee(
        "16 guess passwords",
        "p95 of pages 0.3 s",
        ("faults/test_guessers.py", "cli/test_pages_first.py", "accounts/test_passwords.py"),
        alone=True,
    ),
    Guarantee(
        "account discovery",
        "identical; AUC 0.40 to 0.60",
        (
            f"{_SECURITY}::test_known_unknown_and_disabled_accounts_get_the_same_answer",
            f"{_SECURITY}::test_an_unknown_account_costs_a_hash_too",
            "bench/test_sign_in.py",
        ),
        alone=True,
    ),
    Guarantee(
        "second factor replay",
        "each step once; 1 of 20",
        (
            f"{_SECURITY}::test_each_time_step_is_accepted_once_and_none_before_it",
            f"{_SECURITY}::test_codes_from_far_away_are_refused",
            f"{_SECURITY}::test_of_twenty_posts_of_one_code_at_once_one_is_right",
            f"{_SECURITY}::test_a_recovery_code_lets_in_once",
            "accounts/test_passkeys.py",
        ),
    ),
    Guarantee(
        "framing, content policy",
        "A+; error pages too",
        (
            f"{_DOOR}::test_every_page_carries_the_headers_error_pages_too",
            f"{_DOOR}::test_transport_security_is_asked_for_everywhere_but_on_this_machine",
            f"{_PLAIN}::test_browsers_are_told_to_run_nothing_inline_to_guess_nothing_and_to_frame_nothing",
            f"{_PLAIN}::test_mozillas_observatory_would_give_the_best_mark",
            "browser/test_staff_pages.py::test_no_page_shuts_anybody_out_or_scrolls_sideways",
        ),
    ),
    Guarantee(
        "oversize input",
        "413 or 400 within 1 s",
        (
            f"{_DOOR}::test_hostile_bodies_are_refused",
            f"{_ODD}::test_what_is_far_too_much_is_refused_at_once",
            f"{_ODD}::test_a_form_that_is_far_too_long_comes_back_on_a_page_of_ours",
            f"{_PLAIN}::test_thousands_of_fields_are_refused_although_the_token_is_right",
        ),
        alone=True,
    ),
    Guarantee(
        "slow clients",
        "95 % within 2 s",
        (f"{_CROWD}::test_forms_that_come_a_byte_a_second_hold_no_thread",),
        alone=True,
    ),
    Guarantee(
        "slow readers",
        "95 % within 2 s",
        (
            f"{_CROWD}::test_readers_that_read_nothing_hold_no_thread",
            f"{_CROWD}::test_open_connections_shut_nobody_out",
        ),
        alone=True,
    ),
    Guarantee("odd input", "0 of 5xx, all headers", (_ODD, _PLAIN), alone=True),
    Guarantee(
        "a stranger's flood",
        "120 drafts, 20 requests an hour",
        ("faults/test_flood.py", "patient/test_limits.py"),
        alone=True,
    ),
    Guarantee(
        "a writer in the database",
        "all found, and named",
        (_TAMPERING, "security/test_bound_rows.py", _EVENTS, _LANES),
    ),
    Guarantee(
        "a colleague",
        "a second person or a reason",
        ("accounts/test_roles.py", "desk/test_audit.py", "staff/test_audit_pages.py"),
    ),
    Guarantee(
        "hostile YAML",
        "a line number in 0.5 s",
        ("core/test_loading.py", "core/test_spoilt_files.py", "bench/test_speed.py"),
        alone=True,
    ),
    Guarantee(
        "template text in rules",
        "shown literally",
        (
            f"{_PLAIN}::test_words_of_rules_that_look_like_code_are_shown_as_they_are",
            "core/test_kept.py::test_words_that_look_like_code_stay_words",
            "authoring/test_show.py::test_words_never_become_markup",
        ),
    ),
    Guarantee(
        "leaks in logs",
        "0",
        (
            f"{_FAILURES}::test_what_a_patient_types_is_in_no_log_no_address_no_title_and_nowhere_in_the_clear",
            f"{_SQLITE}::test_no_error_repeats_what_was_being_saved",
            f"{_SQLITE}::test_unavailable_repeats_nothing_and_names_the_kind",
            "desk/test_to_server.py::test_logs_hold_nothing_of_a_request",
            "test_logs.py",
        ),
    ),
    Guarantee(
        "data at rest",
        "0 in clear; moved, shut",
        (
            f"{_STORED}::test_no_word_of_a_patient_lies_in_the_clear_in_the_tables",
            f"{_STORED}::test_no_word_of_a_patient_lies_in_the_clear_on_the_disk",
            f"{_STORED}::test_moved_text_does_not_open",
            "storage/test_drafts.py::test_a_draft_moved_to_another_row_does_not_open",
            "storage/sealing",
            f"{_SECURITY}::test_secrets_are_not_in_the_database",
            "faults/test_broken_export.py",
            "desk/test_queues.py::test_no_sealed_word_lies_in_the_index",
        ),
    ),
    Guarantee(
        "unsafe deployment",
        "each check trips",
        ("operating/test_checks.py", "operating/test_doctor.py"),
    ),
    Guarantee(
        "two servers, two doors",
        "0 keys that open, find, sign",
        ("security/test_doors_apart.py", "faults/test_two_processes.py"),
    ),
    Guarantee(
        "deployment", "exposure 2.0; the site holds", ("operating/test_deploy.py", "operating/test_site.py")
    ),
)

FAULTS = (
    Guarantee("kill -9 while patients submit", "100 kills: 0 lost, doubled", ("faults/test_kill.py",)),
    Guarantee(
        "power cut",
        "0 lost",
        (
            "faults/test_power_cut.py",
            f"{_SQLITE}::test_sqlite_is_set_to_survive_a_power_cut",
            f"{_SQLITE}::test_a_sqlite_that_is_not_durable_is_not_ready",
        ),
    ),
    Guarantee(
        "PostgreSQL killed, stalled",
        "0 lost, 5 s, back in 5 s",
        ("faults/test_postgresql_killed.py", "storage/test_postgresql.py"),
        alone=True,
    ),
    Guarantee(
        "SQLite locked",
        "503 in 2.5 s with the words",
        (f"{_DISK}::test_a_lock_that_is_held_is_told_at_once_with_what_was_typed", "web/test_both_doors.py"),
        alone=True,
    ),
    Guarantee(
        "disk full",
        "0 lost, readiness red",
        (
            f"{_DISK}::test_a_full_disk_loses_nothing_that_was_acknowledged_and_is_told",
            f"{_SQLITE}::test_a_full_disk_is_not_writable",
        ),
    ),
    Guarantee(
        "double click, retry, two tabs",
        "150 triples, 30 rounds: 0 lost",
        (
            f"{_FAILURES}::test_three_clicks_at_once_again_and_again_make_one_request_each",
            f"{_FAILURES}::test_two_tabs_that_answer_different_questions_lose_nothing",
            f"{_FAILURES}::test_a_double_click_on_send_gives_one_request",
            "storage/test_drafts.py",
        ),
    ),
    Guarantee(
        "two staff at once",
        "100 pairs: 1 told",
        (
            "desk/test_reception.py::test_of_two_at_once_one_succeeds_and_one_is_told",
            "desk/test_reception.py::test_a_stale_page_changes_nothing_and_says_what_changed",
        ),
    ),
    Guarantee(
        "mail server down for a day",
        "0 unsent; 20 senders killed",
        (
            f"{_DELIVERY}::test_a_mail_server_that_is_down_for_a_day_loses_nothing",
            f"{_DELIVERY}::test_a_sender_that_died_after_the_server_took_a_mail_sends_it_again_with_the_same_id",
            _SENDING,
        ),
    ),
    Guarantee(
        "backup under load",
        "0 acknowledged missing",
        ("operating/test_backups.py", "faults/test_base_backup.py", "faults/test_litestream.py"),
    ),
    Guarantee("keys missing, foreign, mixed", "0 starts", ("faults/test_keys.py",)),
    Guarantee("clock", "0 deleted, 0 locked out", (_UPKEEP,)),
    Guarantee("one unreadable row", "that row says so", ("faults/test_unreadable.py",)),
    Guarantee(
        "key rotation",
        "10,000 rows, killed: 0 unreadable",
        (_ROTATION, "operating/test_other_keys.py", "accounts/test_changing_the_secret.py"),
    ),
    Guarantee("erasure", "0 bytes left", ("operating/test_retention.py",)),
    Guarantee(
        "tampering with the audit",
        "all found",
        (
            _EVENTS,
            _LANES,
            "service/test_joining.py",
            f"{_TAMPERING}::test_a_missing_garbled_or_earlier_head_is_itself_a_finding",
            f"{_TAMPERING}::test_events_cut_off_together_with_the_head_file_are_found",
            f"{_TAMPERING}::test_a_head_put_back_with_the_events_cut_to_it_is_told_by_the_copy",
        ),
    ),
    Guarantee("migration", "up and down: 0 rows changed", ("storage/test_migrations.py", "stored")),
    Guarantee(
        "what monitors are told",
        "mail, head, parts, backup",
        (
            "operating/test_doctor.py::test_what_needs_somebody_is_told_to_monitors_and_patients_go_on",
            "operating/test_metrics.py",
        ),
    ),
)
GUARANTEES = THREATS + FAULTS
