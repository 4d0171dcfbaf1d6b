-- Version 9: changes of owner. Whose a lock is as far as is known, what makers registered for labels, and numbers for handshakes with locks
-- that are not registered yet.

ALTER TABLE locks ADD COLUMN standing TEXT NOT NULL DEFAULT 'owned'
    CHECK (standing IN ('owned', 'claiming', 'released', 'lost'));
ALTER TABLE meta ADD COLUMN next_claim INTEGER NOT NULL DEFAULT 1 CHECK (next_claim > 0);

CREATE TABLE maker_secrets (
    lock_id BLOB PRIMARY KEY CHECK (length(lock_id) = 16),
    wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- A claim fixes the profile anew, with another root in another epoch; nothing else does.
DROP TRIGGER profile_stays;
CREATE TRIGGER profile_stays BEFORE UPDATE ON locks
WHEN new.profile <> old.profile AND new.wrapped_root = old.wrapped_root
BEGIN SELECT RAISE(ABORT, 'the profile of a lock is fixed'); END;
