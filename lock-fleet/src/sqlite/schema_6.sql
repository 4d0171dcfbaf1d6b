-- Version 6: virtual keys. Which were issued and which of them are to be dead; neither links nor secrets. The table of commands is made
-- anew without its check of kinds, which would have to be made anew for each new kind.

ALTER TABLE locks ADD COLUMN ticket_epoch INTEGER NOT NULL DEFAULT 0;

CREATE TABLE tickets (
    lock_id    BLOB NOT NULL REFERENCES locks (lock_id),
    serial     INTEGER NOT NULL CHECK (serial > 0),
    key_epoch  INTEGER NOT NULL,
    epoch      INTEGER NOT NULL,           -- of revocation, at issue
    label      TEXT NOT NULL,
    issued_by  TEXT NOT NULL,
    issued_at  INTEGER NOT NULL,
    conditions BLOB NOT NULL,              -- as a block on the wire (section 10.1)
    is_bound   INTEGER NOT NULL,
    revoked_by INTEGER,                    -- the command
    revoked_at INTEGER,
    PRIMARY KEY (lock_id, serial)
) STRICT, WITHOUT ROWID;

CREATE TABLE new_commands (
    lock_id        BLOB NOT NULL REFERENCES locks (lock_id),
    id             INTEGER NOT NULL CHECK (id > 0),
    client_token   TEXT,
    asked_by       TEXT NOT NULL,
    kind           TEXT NOT NULL,          -- one that the program knows, or the row is refused when it is read
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
INSERT INTO new_commands (lock_id, id, client_token, asked_by, kind, version, slot, seconds, user, credential, action, wrapped_digits, path, issued_at, not_after, state, receipt, replaced_by, changed_at, sealed_packet, sealed_counter, sealed_at, reissues)
    SELECT lock_id, id, client_token, asked_by, kind, version, slot, seconds, user, credential, action, wrapped_digits, path, issued_at, not_after, state, receipt, replaced_by, changed_at, sealed_packet, sealed_counter, sealed_at, reissues FROM commands;
DROP TABLE commands;
ALTER TABLE new_commands RENAME TO commands;
CREATE INDEX open_commands ON commands (lock_id, id) WHERE state IN ('queued', 'sealed', 'handed-over', 'started');
