-- Version 14: a chain of the log for each key epoch. The first key of each, wrapped, and what could not be verified for want of its key.

CREATE TABLE log_keys (
    lock_id     BLOB NOT NULL REFERENCES locks (lock_id),
    key_epoch   INTEGER NOT NULL,
    begins      INTEGER,                                -- the index of the first entry, once it is known
    wrapped_key BLOB NOT NULL,
    PRIMARY KEY (lock_id, key_epoch)
) STRICT, WITHOUT ROWID;

-- Until now all entries of a lock were of one chain.
INSERT INTO log_keys (lock_id, key_epoch, begins, wrapped_key)
    SELECT lock_id, log_epoch, 0, log_key FROM locks WHERE log_epoch IS NOT NULL AND log_key IS NOT NULL;
ALTER TABLE locks DROP COLUMN log_epoch;
ALTER TABLE locks DROP COLUMN log_key;

CREATE TABLE log_unverified (
    lock_id    BLOB NOT NULL REFERENCES locks (lock_id),
    first      INTEGER NOT NULL,
    last       INTEGER NOT NULL,
    key_epoch  INTEGER,                                 -- whose key is lost; NULL for what was of another owner
    found_at   INTEGER NOT NULL,
    PRIMARY KEY (lock_id, first)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER log_unverified_is_kept BEFORE DELETE ON log_unverified
BEGIN SELECT RAISE(ABORT, 'what could not be verified of a log is never deleted'); END;

-- A position without a key (wrapped_key is empty): within an epoch whose key is lost since this entry, or before the first entry of an ownership.
ALTER TABLE log_positions ADD COLUMN lost_since INTEGER;
ALTER TABLE log_positions ADD COLUMN head_epoch INTEGER;
UPDATE log_positions SET head_epoch = key_epoch WHERE head_nonce IS NOT NULL;
