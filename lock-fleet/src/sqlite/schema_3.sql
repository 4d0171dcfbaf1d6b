-- Version 3: what is wanted in each place of a lock's configuration, and what the lock has there; commands that set all of it. The
-- table of commands is made anew, since its check of kinds cannot be changed.

CREATE TABLE items (
    lock_id     BLOB NOT NULL REFERENCES locks (lock_id),
    table_no    INTEGER NOT NULL CHECK (table_no BETWEEN 0 AND 255),  -- the number of the table (section 7.1)
    slot        INTEGER NOT NULL CHECK (slot BETWEEN 0 AND 255),
    wanted      INTEGER,                   -- the command whose value is wanted
    applied     INTEGER,                   -- the newest command that the lock has done there
    made        INTEGER NOT NULL,          -- the configuration version that this command made; 0 for nothing
    held        INTEGER NOT NULL,          -- the configuration version of what the lock has; 0 for nothing
    standing    TEXT NOT NULL CHECK (standing IN ('pending', 'applied', 'refused', 'missing', 'foreign')),
    refusal     BLOB,                      -- of a refused item, a receipt as on the wire (section 7.6)
    changed_at  INTEGER NOT NULL,
    PRIMARY KEY (lock_id, table_no, slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE new_commands (
    lock_id        BLOB NOT NULL REFERENCES locks (lock_id),
    id             INTEGER NOT NULL CHECK (id > 0),
    client_token   TEXT,
    asked_by       TEXT NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN
        ('lock', 'unlock', 'auto-relock', 'set-pin', 'clear-pin', 'set-mode', 'end-lockout', 'set-user', 'set-window', 'set-credential', 'set-holiday', 'set', 'clear')),
    version        INTEGER,
    slot           INTEGER,
    seconds        INTEGER,
    user           INTEGER,                -- of a credential
    credential     INTEGER,                -- its kind, by the number on the wire; of a PIN code none
    action         BLOB,                   -- of the later kinds, as on the wire (section 7.1)
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
INSERT INTO new_commands (lock_id, id, client_token, asked_by, kind, version, slot, seconds, user, action, wrapped_digits, path, issued_at, not_after, state, receipt, replaced_by, changed_at, sealed_packet, sealed_counter, sealed_at, reissues)
    SELECT lock_id, id, client_token, asked_by, kind, version, slot, seconds, user, action, wrapped_digits, path, issued_at, not_after, state, receipt, replaced_by, changed_at, sealed_packet, sealed_counter, sealed_at, reissues FROM commands;
DROP TABLE commands;
ALTER TABLE new_commands RENAME TO commands;
CREATE INDEX open_commands ON commands (lock_id, id) WHERE state IN ('queued', 'sealed', 'handed-over', 'started');
