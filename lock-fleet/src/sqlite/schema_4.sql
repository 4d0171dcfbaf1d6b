-- Version 4: the profile of the live session (sections 4.3 and 4.4) that a lock was made for. Locks from before were made for S.

ALTER TABLE locks ADD COLUMN profile TEXT NOT NULL DEFAULT 'S' CHECK (profile IN ('S', 'X'));

-- It is fixed when the lock is registered: what could change it could take a lock's forward secrecy away.
CREATE TRIGGER profile_stays BEFORE UPDATE ON locks WHEN new.profile <> old.profile
BEGIN SELECT RAISE(ABORT, 'the profile of a lock is fixed'); END;
