-- What the patients' process may do in PostgreSQL, where each door is a process of its own; once, as the owner of the tables, after
-- the staff's process has started, and again after an upgrade (-1: all of it at once, so that patients go on meanwhile): psql -1 -v role=screening_patient -f patient.sql screening
-- It reads, keeps drafts and requests, and cannot touch accounts, sessions, roles, entries of staff, what was published, or what was
-- sealed before; nor does it read what only staff need, sealed or not.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM :role;
GRANT USAGE ON SCHEMA public TO :role;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO :role;
REVOKE SELECT ON people, passkeys, staff_sessions, sign_ins, sign_in_tries, teams, away, presence FROM :role;
REVOKE SELECT ON messages, sign_offs FROM :role;
GRANT SELECT (id, email, name, roles, active) ON people TO :role;
GRANT INSERT, UPDATE, DELETE ON drafts, arrivals, outbox, upkeep TO :role;
GRANT INSERT, UPDATE ON status_counts, heartbeat TO :role;
GRANT INSERT ON requests, request_status, events, event_requests, rule_sets, registered_keys TO :role;
GRANT UPDATE (due_at, others_open, work_list, review_due_at) ON requests TO :role;
GRANT UPDATE ON event_head TO :role;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO :role;
