-- Version 8: rotation of a lock's keys. Who asked for it, and the wrapped root of the next epoch until the lock has committed to it.

ALTER TABLE locks ADD COLUMN rotation_by TEXT;
ALTER TABLE locks ADD COLUMN rotation_at INTEGER;
ALTER TABLE locks ADD COLUMN next_digest BLOB;
ALTER TABLE locks ADD COLUMN next_root BLOB;
ALTER TABLE locks ADD COLUMN next_is_unheard INTEGER NOT NULL DEFAULT 0;
