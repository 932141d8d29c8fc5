-- Revokes all that a subject was issued up to a moment, but one session. The later moment replaces the
-- earlier one. What the other one hits stays revoked: the session to keep is kept from then on
-- (`kept_after`), and of two same moments with different sessions, none is. The end is the latest.
--
-- KEYS  1 cutoff
-- ARGV  1 moment, 2 sid to keep (may be absent), 3 end (may be absent), 4 now, 5 by (may be absent),
--       6 reason (may be absent)

local cutoff = {
  issued_until = ARGV[1], keep = given(ARGV[2]), at = ARGV[4], by = given(ARGV[5]), reason = given(ARGV[6]),
}
local ends = given(ARGV[3])
local known = read(KEYS[1], 'issued_until')
if known then
  ends = later(ends, known['until'])
  local earlier = known
  if seconds(known.issued_until) > seconds(cutoff.issued_until) then
    earlier, cutoff = cutoff, known
  end
  local hit = earlier.kept_after
  if earlier.keep ~= cutoff.keep then hit = earlier.issued_until end
  if hit and not (cutoff.kept_after and seconds(cutoff.kept_after) >= seconds(hit)) then
    cutoff.kept_after = hit
  end
  if hit and seconds(hit) == seconds(cutoff.issued_until) then cutoff.keep = nil end
end
cutoff['until'] = ends
keep(KEYS[1], cjson.encode(cutoff), ends, ARGV[4])
return 'OK'
