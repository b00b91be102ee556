CREATE TABLE calltransfer_settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- worker: the worker that has or had the row; negative if the row became unknown because its lease had expired
-- sent_us, ended_us: what may have left since it was first taken, by the clock of the machine started as sent_boot;
-- '' if that was more than one
-- state: 0 planned, 1 sending, 2 applied, 3 not_applied, 4 not_sent, 5 unknown, 9 of a load that is not complete
CREATE TABLE calltransfer_rows (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    call_id TEXT NOT NULL UNIQUE,
    target TEXT NOT NULL,
    options TEXT NOT NULL,
    timeout_ms BIGINT,
    load BIGINT NOT NULL,
    state BIGINT NOT NULL,
    worker BIGINT,
    attempt BIGINT NOT NULL DEFAULT 0,
    tries BIGINT NOT NULL DEFAULT 0,
    reached BIGINT NOT NULL DEFAULT 0,
    not_before_us BIGINT NOT NULL DEFAULT 0,
    kind TEXT,
    message TEXT,
    http_status BIGINT,
    code TEXT,
    new_call_id TEXT,
    found BIGINT,
    reason TEXT,
    doubt TEXT,
    found_ms BIGINT,
    changed_ms BIGINT NOT NULL,
    sent_boot TEXT,
    sent_us BIGINT,
    ended_us BIGINT
);

CREATE INDEX calltransfer_rows_by_state ON calltransfer_rows (state, id);

CREATE TABLE calltransfer_workers (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT NOT NULL,
    until_us BIGINT NOT NULL
);

-- One row. Who changes rows holds it first, so that changes are made one after the other.
CREATE TABLE calltransfer_pace (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    found DOUBLE PRECISION NOT NULL,
    found_us BIGINT NOT NULL,
    next_us BIGINT NOT NULL,
    held_us BIGINT NOT NULL,
    since_us BIGINT NOT NULL,
    accepted BIGINT NOT NULL,
    since_before_us BIGINT NOT NULL,
    accepted_before BIGINT NOT NULL,
    total BIGINT NOT NULL
);

INSERT INTO calltransfer_pace VALUES (1, 0, 0, 0, 0, 0, 0, 0, 0, 0);
