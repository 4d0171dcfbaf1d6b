-- Version 7: backups of what the locks keep of their credentials, wrapped; and the revocation epoch that a lock has told.

ALTER TABLE locks ADD COLUMN told_ticket_epoch INTEGER NOT NULL DEFAULT 0;

CREATE TABLE backups (
    lock_id     BLOB NOT NULL REFERENCES locks (lock_id),
    number      INTEGER NOT NULL CHECK (number > 0),
    taken_at    INTEGER NOT NULL,
    taken_by    TEXT NOT NULL,
    credentials INTEGER NOT NULL,
    wrapped     BLOB NOT NULL,
    PRIMARY KEY (lock_id, number)
) STRICT, WITHOUT ROWID;
