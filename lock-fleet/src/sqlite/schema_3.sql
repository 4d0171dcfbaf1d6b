-- Version 3: what is wanted in each place of a lock's configuration, and what the lock has there.

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
