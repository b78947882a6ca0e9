-- Lists by the time of the report, the newest first, a page after another.
create index public_report_submitted_at on public_report (submitted_at, report_id);
