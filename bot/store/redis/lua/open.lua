#!lua flags=allow-oom
-- Gives the version of what is stored here; where nothing is, it becomes this one.
-- ARGV: version, identity for an empty store
call('SET', P .. 'version', ARGV[1], 'NX')
call('SET', P .. 'identity', ARGV[2], 'NX')
-- What an older version wrote is read as it is.
if tonumber(call('GET', P .. 'version')) < tonumber(ARGV[1]) then
  call('SET', P .. 'version', ARGV[1])
end
return call('GET', P .. 'version')
