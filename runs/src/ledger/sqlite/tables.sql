CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID, STRICT;

-- worker: the worker that has or had the row; negative if the row became unknown because its lease had expired
-- sent_us, ended_us: what may have left since it was first taken, by the clock of the machine started as sent_boot;
-- '' if that was more than one
-- state: 0 planned, 1 sending, 2 applied, 3 not_applied, 4 not_sent, 5 unknown, 9 of a load that is not complete
CREATE TABLE rows (
    id INTEGER PRIMARY KEY,
    call_id TEXT NOT NULL UNIQUE,
    target TEXT NOT NULL,
    options TEXT NOT NULL,
    timeout_ms INTEGER,
    load INTEGER NOT NULL,
    state INTEGER NOT NULL,
    worker INTEGER,
    attempt INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    reached INTEGER NOT NULL DEFAULT 0,
    not_before_us INTEGER NOT NULL DEFAULT 0,
    kind TEXT,
    message TEXT,
    http_status INTEGER,
    code TEXT,
    new_call_id TEXT,
    found INTEGER,
    reason TEXT,
    doubt TEXT,
    found_ms INTEGER,
    changed_ms INTEGER NOT NULL,
    sent_boot TEXT,
    sent_us INTEGER,
    ended_us INTEGER
) STRICT;

CREATE INDEX rows_by_state ON rows (state, id);

CREATE TABLE workers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    boot TEXT NOT NULL,
    until_us INTEGER NOT NULL
) STRICT;

CREATE TABLE pace (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    found REAL NOT NULL,
    found_us INTEGER NOT NULL,
    next_us INTEGER NOT NULL,
    held_us INTEGER NOT NULL,
    since_us INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    since_before_us INTEGER NOT NULL,
    accepted_before INTEGER NOT NULL,
    total INTEGER NOT NULL,
    boot TEXT NOT NULL
) STRICT;

INSERT INTO pace VALUES (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, '');
