-- What waits is counted every second, and must not cost more the longer the ledger gets.
create index delivery_unfinished on delivery (channel, created_at) where state in ('pending', 'sending');
