-- Version 10: the first key of a lock's log, wrapped. A rotation erases the root that it follows from, and the log goes on.

ALTER TABLE locks ADD COLUMN log_epoch INTEGER;
ALTER TABLE locks ADD COLUMN log_key BLOB;
