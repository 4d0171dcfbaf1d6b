-- The schema of a fleet's database, version 1. Times are Unix milliseconds.

CREATE TABLE meta (
    only_row    INTEGER PRIMARY KEY CHECK (only_row = 1),
    incarnation INTEGER NOT NULL,          -- grows with each opening
    key_check   BLOB                       -- tells whether a key encryption key is this database's
) STRICT;
INSERT INTO meta (only_row, incarnation) VALUES (1, 0);

CREATE TABLE locks (
    lock_id         BLOB PRIMARY KEY CHECK (length(lock_id) = 16),
    name            TEXT NOT NULL,
    key_epoch       INTEGER NOT NULL CHECK (key_epoch > 0),
    wrapped_root    BLOB NOT NULL,
    next_down       INTEGER NOT NULL CHECK (next_down > 0),
    next_command    INTEGER NOT NULL CHECK (next_command > 0),
    next_attempt    INTEGER NOT NULL CHECK (next_attempt > 0),
    version         INTEGER NOT NULL,      -- grows with each batch
    configuration   INTEGER NOT NULL,
    accepted_up     BLOB NOT NULL,
    heard           BLOB,                  -- a sealed report, as on the wire (section 7.6)
    heard_at        INTEGER,
    heard_by        TEXT CHECK (heard_by IN ('live', 'relayed')),
    marks_down      INTEGER NOT NULL,
    marks_command   INTEGER NOT NULL,
    marks_asked_at  INTEGER NOT NULL,
    down_seen       INTEGER NOT NULL,
    probe_nonce     BLOB,
    probe_asked_at  INTEGER,
    probe_packet    BLOB,
    probed_first    INTEGER,
    probed_last     INTEGER,
    level_in        INTEGER NOT NULL,
    proven          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A nonce is made from these: they never go back, whatever a program does.
CREATE TRIGGER numbers_never_go_back BEFORE UPDATE ON locks
WHEN new.key_epoch < old.key_epoch OR new.next_command < old.next_command OR new.next_attempt < old.next_attempt
    OR (new.key_epoch = old.key_epoch AND new.next_down < old.next_down)
BEGIN SELECT RAISE(ABORT, 'a number would go back'); END;

CREATE TABLE commands (
    lock_id        BLOB NOT NULL REFERENCES locks (lock_id),
    id             INTEGER NOT NULL CHECK (id > 0),
    client_token   TEXT,
    asked_by       TEXT NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('lock', 'unlock', 'auto-relock', 'set-pin', 'clear-pin')),
    version        INTEGER,
    slot           INTEGER,
    seconds        INTEGER,
    wrapped_digits BLOB,
    path           TEXT NOT NULL CHECK (path IN ('queued', 'live')),
    issued_at      INTEGER NOT NULL,
    not_after      INTEGER,
    state          TEXT NOT NULL CHECK (state IN
        ('queued', 'sealed', 'handed-over', 'started', 'settled', 'expired', 'unexecuted', 'replaced', 'unknown')),
    receipt        BLOB,                   -- of a settled command, as on the wire (section 7.6)
    replaced_by    INTEGER,
    changed_at     INTEGER NOT NULL,
    sealed_packet  BLOB,
    sealed_counter INTEGER,
    sealed_at      INTEGER,
    reissues       INTEGER NOT NULL,
    PRIMARY KEY (lock_id, id),
    UNIQUE (lock_id, client_token)
) STRICT, WITHOUT ROWID;
CREATE INDEX open_commands ON commands (lock_id, id) WHERE state IN ('queued', 'sealed', 'handed-over', 'started');

CREATE TABLE audit (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    lock_id BLOB NOT NULL REFERENCES locks (lock_id),
    who     TEXT NOT NULL,
    what    TEXT NOT NULL,
    result  TEXT NOT NULL
) STRICT;
CREATE INDEX audit_of_lock ON audit (lock_id, number);
CREATE TRIGGER audit_rows_stay BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows are never deleted'); END;
CREATE TRIGGER audit_rows_stay_as_they_are BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
