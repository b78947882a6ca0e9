-- Whether another instance answers for the report, which then says what becomes of its clocks (decision 0100).
alter table report add column elsewhere boolean not null default false;
