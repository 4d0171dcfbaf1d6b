-- By what a lock that was claimed here is recognised while it has no owner (section 3.2), wrapped.
CREATE TABLE unowned_handles (
    lock_id BLOB PRIMARY KEY CHECK (length(lock_id) = 16),
    wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;
