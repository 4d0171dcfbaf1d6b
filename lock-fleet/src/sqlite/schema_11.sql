-- Version 11: the logs of locks. Entries as they came, what was found wrong, and where the verifier stands; keys are wrapped.

CREATE TABLE log_entries (
    lock_id     BLOB NOT NULL REFERENCES locks (lock_id),
    number      INTEGER NOT NULL CHECK (number >= 0),   -- the index of the entry
    key_epoch   INTEGER NOT NULL,
    previous    BLOB NOT NULL CHECK (length(previous) = 16),
    mac         BLOB NOT NULL CHECK (length(mac) = 16),
    body        BLOB NOT NULL,                          -- as on the wire (section 7.7)
    received_at INTEGER NOT NULL,
    PRIMARY KEY (lock_id, number)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER log_entries_stay BEFORE UPDATE ON log_entries
BEGIN SELECT RAISE(ABORT, 'an entry of a log never changes'); END;
CREATE TRIGGER log_entries_are_kept BEFORE DELETE ON log_entries
BEGIN SELECT RAISE(ABORT, 'an entry of a log is never deleted'); END;

CREATE TABLE log_faults (
    lock_id    BLOB NOT NULL REFERENCES locks (lock_id),
    key_epoch  INTEGER NOT NULL,
    kind       TEXT NOT NULL,                           -- the name of section 6.2
    first      INTEGER NOT NULL,
    last       INTEGER NOT NULL,
    sentence   TEXT NOT NULL,
    found_at   INTEGER NOT NULL,
    PRIMARY KEY (lock_id, key_epoch, kind, first, last)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER log_faults_are_kept BEFORE DELETE ON log_faults
BEGIN SELECT RAISE(ABORT, 'a fault of a log is never deleted'); END;

CREATE TABLE log_positions (
    lock_id     BLOB PRIMARY KEY REFERENCES locks (lock_id),
    key_epoch   INTEGER NOT NULL,
    next        INTEGER NOT NULL,
    last_mac    BLOB NOT NULL CHECK (length(last_mac) = 16),
    wrapped_key BLOB NOT NULL,                          -- of the entry to come
    missing_first INTEGER,                              -- not explained yet
    missing_last  INTEGER,
    head_nonce  BLOB,                                   -- of the newest head that was right
    head_first  INTEGER,
    head_next   INTEGER,
    head_last   BLOB,
    head_tag    BLOB,
    head_at     INTEGER
) STRICT, WITHOUT ROWID;
