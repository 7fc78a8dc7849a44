#!lua flags=no-writes
-- Gives how many deliveries are queued, and when the oldest was ('' for none).
return {
  call('HLEN', P .. 'outbox'),
  call('ZRANGE', P .. 'outbox-age', 0, 0, 'WITHSCORES')[2] or '',
}
