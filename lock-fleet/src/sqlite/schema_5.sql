-- Version 5: offline codes. Which were given out (no digits: how many start at which hour, and when the last one ends), and the kind of
-- command that says which are taken. The table of commands is made anew, since its check of kinds cannot be changed.

ALTER TABLE locks ADD COLUMN issued_codes BLOB NOT NULL DEFAULT x'';

CREATE TABLE new_commands (
    lock_id        BLOB NOT NULL REFERENCES locks (lock_id),
    id             INTEGER NOT NULL CHECK (id > 0),
    client_token   TEXT,
    asked_by       TEXT NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN
        ('lock', 'unlock', 'auto-relock', 'set-pin', 'clear-pin', 'set-mode', 'end-lockout', 'set-user', 'set-window', 'set-credential', 'set-holiday', 'set', 'clear',
         'offline-codes')),
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
