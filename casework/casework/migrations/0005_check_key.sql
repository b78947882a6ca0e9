-- The key a check was sent with: a device that was offline sends what it has recorded until it is answered, and it is
-- recorded once.
alter table site_check add column key text check (length(key) between 16 and 255);
create unique index site_check_once on site_check (report_id, officer, key) where key is not null;
