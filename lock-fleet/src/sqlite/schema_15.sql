-- Version 15: whose a claim is that no session has proven, so that nobody else is given its root, and what stood before it, so that the next
-- claimer finds nothing of it.

-- The number of the claim that an ownership began with; 0 for a lock that was registered with its root. A rotation changes it not.
ALTER TABLE locks ADD COLUMN ownership INTEGER NOT NULL DEFAULT 0 CHECK (ownership >= 0);

CREATE TABLE claims (
    lock_id       BLOB PRIMARY KEY REFERENCES locks (lock_id),
    account       BLOB NOT NULL CHECK (length(account) = 16),
    digest        BLOB NOT NULL CHECK (length(digest) = 32),    -- over the account and the claim key
    floor_epoch   INTEGER NOT NULL CHECK (floor_epoch >= 0),    -- of the last ownership that was proven; 0 where none was
    floor_down    INTEGER NOT NULL CHECK (floor_down > 0),
    floor_command INTEGER NOT NULL CHECK (floor_command > 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX claims_of_account ON claims (account);

-- Whose the claims of before are is not known: the next claimer takes their place.
INSERT INTO claims (lock_id, account, digest, floor_epoch, floor_down, floor_command)
    SELECT lock_id, zeroblob(16), zeroblob(32), key_epoch - 1, next_down, next_command FROM locks WHERE standing = 'claiming';

-- The audit of a lock outlives a claim of it that was never proven, and the lock does not: the same table, without its reference.
CREATE TABLE audit_15 (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    lock_id BLOB NOT NULL CHECK (length(lock_id) = 16),
    who     TEXT NOT NULL,
    what    TEXT NOT NULL,
    result  TEXT NOT NULL
) STRICT;
INSERT INTO audit_15 SELECT number, at, lock_id, who, what, result FROM audit ORDER BY number;
DROP TABLE audit;
ALTER TABLE audit_15 RENAME TO audit;
CREATE INDEX audit_of_lock ON audit (lock_id, number);
CREATE TRIGGER audit_rows_stay BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows are never deleted'); END;
CREATE TRIGGER audit_rows_stay_as_they_are BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
