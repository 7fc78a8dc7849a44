#!lua flags=allow-oom
-- Gives the version of what is stored here; where nothing is, it becomes this one.
-- ARGV: version, identity for an empty store
call('SET', P .. 'version', ARGV[1], 'NX')
call('SET', P .. 'identity', ARGV[2], 'NX')
return call('GET', P .. 'version')
