-- Version 12: an entry of a log that is not right says so, and a right one takes its place.

ALTER TABLE log_entries ADD COLUMN fault TEXT;           -- the name of section 6.2; NULL for one that is right

DROP TRIGGER log_entries_stay;
UPDATE log_entries SET fault = (
    SELECT kind FROM log_faults
    WHERE log_faults.lock_id = log_entries.lock_id AND first = number AND last = number AND kind IN ('Edited', 'Forked')
    ORDER BY kind LIMIT 1
);
CREATE TRIGGER log_entries_stay BEFORE UPDATE ON log_entries WHEN OLD.fault IS NULL
BEGIN SELECT RAISE(ABORT, 'an entry of a log that is right never changes'); END;
