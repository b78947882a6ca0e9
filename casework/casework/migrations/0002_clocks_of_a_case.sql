-- The next deadline of one case. Without it the planner walks clock_running in the order of due times until the case
-- turns up, which took 25 s for a page of the country's list at 200,000 cases.
create index clock_of_case on clock (report_id, due_at) where stopped_at is null and clock <> 'review';
