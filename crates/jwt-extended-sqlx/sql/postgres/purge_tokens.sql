-- Some of what has ended: few enough to hold nobody up. By place (`ctid`), or the planner compares all
-- that has ended with the few; and leaving out what another process is just deleting.
DELETE FROM {prefix}revoked_token
WHERE ends_at <= :now
  AND ctid = ANY (ARRAY(
    SELECT ctid FROM {prefix}revoked_token
    WHERE ends_at <= :now ORDER BY ends_at LIMIT :most FOR UPDATE SKIP LOCKED
  ))
