"""The dashboards: the country, one garrison, one service, Kafka and outboxes, clocks and compliance."""

from deploy.dashboards.panels import Board, Graph, Stat, Variable

_ACCEPTED = "kmzb:reports_accepted:rate5m"
_BEATS, _HEARTBEAT = "kmzb_event_age_seconds", '{topic=~"kmzb.internal.heartbeat.+"}'
_LATENESS = "sum by (le) (rate(kmzb_sla_lateness_seconds_bucket[5m]))"

NATIONAL = Board(
    "kmzb-national",
    "KMZB: the country",
    {
        "Now": (
            Stat("Services that answer", "Of six.", {"up": 'sum(up{job="kmzb"})'}),
            Stat("Clocks overdue", "All garrisons; told to the units and those above them.",
                 {"overdue": 'sum(kmzb_sla_open{state="overdue"}) or vector(0)'}),
            Stat("Deadlines judged until", "Age of the instant until which everything was heard.",
                 {"age": "max(kmzb_sla_watermark_age_seconds)"}, "s", red=60),
            Stat("Furthest behind", "The oldest message that a service has not handled.",
                 {"age": "max(service:consumer_lag_seconds:max)"}, "s", red=60),
            Stat("Oldest in an outbox", "Decided, but not on the log yet.",
                 {"age": "max(service:outbox_oldest_seconds:max)"}, "s", red=60),
            Stat("Dead letters", "Messages that wait for an operator.",
                 {"letters": "sum(kmzb_dead_letter_depth)"}, red=1),
        ),
        "The way of a report": (
            Graph("Accepted, routed, opened", "Reports a second; lines apart mean that reports wait in between.",
                  {"accepted": _ACCEPTED, "routed": "kmzb:reports_routed:rate5m",
                   "opened": "sum(garrison:cases_opened:rate5m)"}),
            Graph("From the citizen's press of the button", "To the handling of each event, 95 of 100 within.",
                  {"{{service}} {{topic}}": "service_topic:event_age_seconds:p95_5m"}, "s"),
            Graph("Intake's answers", "A second, by outcome; not-acknowledged is a 503: the log did not take it.",
                  {"{{outcome}}": "sum by (outcome) (rate(kmzb_intake_reports_total[5m]))"}),
            Graph("Districts found", "How routing found the district, a second; the others went to headquarters.",
                  {"{{outcome}}": "sum by (outcome) (rate(kmzb_routing_reports_total[5m]))"}),
            Graph("On the map", "Reports that everyone sees, by status.",
                  {"{{status}}": "max by (status) (kmzb_public_map_reports)"}),
            Graph("Notices", "Attempts a minute, by channel and how they ended.",
                  {"{{channel}} {{outcome}}": "sum by (channel, outcome) (rate(kmzb_notices_total[5m])) * 60"}),
            Graph("Heartbeats", "That came to each service in five minutes: five, where everything before it works.",
                  {"{{service}}": f"sum by (service) (increase({_BEATS}_count{_HEARTBEAT}[5m]))"}),
            Graph("How long a heartbeat takes", "From intake to each service, on the average of five minutes.",
                  {"{{service}}": f"sum by (service) (increase({_BEATS}_sum{_HEARTBEAT}[5m]))"
                                  f" / sum by (service) (increase({_BEATS}_count{_HEARTBEAT}[5m]))"}, "s"),
        ),
    },
)  # fmt: skip

GARRISON = Board(
    "kmzb-garrison",
    "KMZB: one garrison",
    {
        "Now": (
            Stat("Cases open", "New, in verification, confirmed, referred.",
                 {"open": 'sum(kmzb_casework_open{garrison=~"$garrison"})'}),
            Stat("Clocks overdue", "Past their deadline at this moment.",
                 {"overdue": 'sum(kmzb_sla_open{garrison=~"$garrison", state="overdue"}) or vector(0)'}, red=1),
            Stat("Met in a day", "Of the clocks that ended in a day, the share that was met.",
                 {"met": 'sum(garrison_clock:sla_decided:increase1d{garrison=~"$garrison", outcome="met"})'
                         ' / sum(garrison_clock:sla_decided:increase1d{garrison=~"$garrison", outcome=~"met|missed"})'},
                 "percentunit"),
        ),
        "Cases": (
            Graph("Cases opened", "A minute.",
                  {"{{garrison}}": 'garrison:cases_opened:rate5m{garrison=~"$garrison"} * 60'}),
            Graph("Open cases, by status", "Of the chosen garrisons.",
                  {"{{status}}": 'sum by (status) (kmzb_casework_open{garrison=~"$garrison"})'}),
            Graph("Changes of cases", "A minute, by what was done.",
                  {"{{change}}":
                   'sum by (change) (rate(kmzb_casework_changes_total{garrison=~"$garrison"}[5m])) * 60'}),
            Graph("Clocks that run, by state", "Due soon: the warning is out.",
                  {"{{clock}} {{state}}":
                   'sum by (clock, state) (garrison_clock:sla_open:sum{garrison=~"$garrison"})'}),
        ),
    },
    [Variable("garrison", "Garrison", "kmzb_sla_open")],
)  # fmt: skip

SERVICE = Board(
    "kmzb-service",
    "KMZB: one service",
    {
        "Now": (
            Stat("Answers", "Instances whose metrics answer.", {"up": 'sum(up{job="kmzb", service=~"$service"})'}),
            Stat("Furthest behind", "The oldest message that it has not handled.",
                 {"age": 'max(service:consumer_lag_seconds:max{service=~"$service"}) or vector(0)'}, "s", red=60),
            Stat("Dead letters", "On its dead-letter topic.",
                 {"letters": 'sum(kmzb_dead_letter_depth{service=~"$service"}) or vector(0)'}, red=1),
            Stat("Held", "Messages of newer writers that wait for its upgrade.",
                 {"held": 'sum(kmzb_held_messages{service=~"$service"}) or vector(0)'}, red=1),
        ),
        "What it does": (
            Graph("Events handled", "A second, of those that say when their report was submitted.",
                  {"{{topic}}":
                   'sum by (topic) (rate(kmzb_event_age_seconds_count{service=~"$service"}[5m])) or vector(0)'}),
            Graph("Age of what it handles", "From the citizen's press of the button, 95 of 100 within.",
                  {"{{topic}}": 'service_topic:event_age_seconds:p95_5m{service=~"$service"} or vector(0)'}, "s"),
            Graph("Messages behind", "By topic, all instances together.",
                  {"{{topic}}": 'max by (topic) (kmzb_consumer_lag_messages{service=~"$service"}) or vector(0)'}),
            Graph("Repeats", "A minute: events handled before and recognised.",
                  {"repeats": 'sum(rate(kmzb_duplicates_total{service=~"$service"}[5m])) * 60 or vector(0)'}),
        ),
        "What it costs": (
            Graph("Processor", "Cores.",
                  {"{{service}}": 'sum by (service) (rate(process_cpu_seconds_total{service=~"$service"}[5m]))'}),
            Graph("Memory", "Resident.",
                  {"{{service}}": 'sum by (service) (process_resident_memory_bytes{service=~"$service"})'}, "bytes"),
            Graph("Began again", "In an hour: times a worker began again because a server it needs was away.",
                  {"{{worker}}":
                   'sum by (worker) (increase(kmzb_worker_restarts_total{service=~"$service"}[1h])) or vector(0)'}),
        ),
    },
    [Variable("service", "Service", "up")],
)  # fmt: skip

KAFKA = Board(
    "kmzb-kafka",
    "KMZB: Kafka and outboxes",
    {
        "What waits": (
            Graph("Seconds behind", "Age of the oldest message not handled yet.",
                  {"{{service}} {{topic}}": "max by (service, topic) (kmzb_consumer_lag_seconds)"}, "s", red=60),
            Graph("Messages behind", "Not handled yet, all instances together.",
                  {"{{service}} {{topic}}": "max by (service, topic) (kmzb_consumer_lag_messages)"}),
            Graph("Outboxes", "Age of the oldest event that the log has not acknowledged.",
                  {"{{service}}": "service:outbox_oldest_seconds:max"}, "s", red=60),
            Graph("Not acknowledged", "Reports a minute that citizens were answered 503 for.",
                  {"reports":
                   'sum(rate(kmzb_intake_reports_total{outcome="not-acknowledged"}[5m])) * 60 or vector(0)'}),
        ),
        "What went wrong": (
            Graph("Dead letters", "On each service's topic.",
                 {"{{service}}": "max by (service) (kmzb_dead_letter_depth)"}),
            Graph("Set aside", "In an hour, by service and reason.",
                  {"{{service}} {{reason}}":
                   "sum by (service, reason) (increase(kmzb_dead_letters_total[1h])) or vector(0)"}),
            Graph("Mended", "In an hour: what the public topic or the map's cells lacked.",
                  {"{{what}}": "sum by (what) (increase(kmzb_reconciled_total[1h]))"}),
            Graph("Copies not in sync", "Partitions of reports that lack one.",
                  {"partitions": "max(kmzb_kafka_under_replicated_partitions)"}, red=1),
            Graph("Without Redis", "A minute: answers given without it.",
                  {"{{service}}": "sum by (service) (rate(kmzb_redis_fallback_total[5m])) * 60 or vector(0)"}),
        ),
    },
)  # fmt: skip

CLOCKS = Board(
    "kmzb-clocks",
    "KMZB: clocks and compliance",
    {
        "Compliance": (
            Stat("Take-up in time", "Of what was taken up in a day, the share within 2 days.",
                 {"met":
                  'sum(garrison_clock:sla_decided:increase1d{garrison=~"$garrison", clock="take-up", outcome="met"})'
                         ' / sum(garrison_clock:sla_decided:increase1d{garrison=~"$garrison", clock="take-up",'
                         ' outcome=~"met|missed"})'}, "percentunit"),
            Stat("Overdue", "Clocks past their deadline.",
                 {"overdue": 'sum(kmzb_sla_open{garrison=~"$garrison", state="overdue"}) or vector(0)'}, red=1),
            Stat("Unconfirmed misses", "Said in a day although casework did not confirm them in time.",
                 {"misses": "sum(increase(kmzb_unconfirmed_misses_total[1d]))"}, red=1),
        ),
        "Clocks": (
            Graph("In time, by garrison", "Of the clocks that ended in a day, the share that was met.",
                  {"{{garrison}} {{clock}}": 'garrison_clock:sla_met:ratio1d{garrison=~"$garrison"}'}, "percentunit"),
            Graph("Clocks that run, by state", "Of the chosen garrisons.",
                  {"{{clock}} {{state}}":
                   'sum by (clock, state) (garrison_clock:sla_open:sum{garrison=~"$garrison"})'}),
            Graph("Overdue, by garrison", "The finest place that metrics know.",
                  {"{{garrison}}":
                   'sum by (garrison) (kmzb_sla_open{garrison=~"$garrison", state="overdue"}) or vector(0)'}),
            Graph("Clocks decided", "A minute: met, missed, or merged (the case ended in another before it was due).",
                  {"{{clock}} {{outcome}}":
                   'sum by (clock, outcome) (rate(kmzb_sla_decided_total{garrison=~"$garrison"}[5m])) * 60'}),
        ),
        "Whether they are told in time": (
            Graph("How late steps fire", "After its time a step is said, by the database's clock.",
                  {"half":
                   f"histogram_quantile(0.5, {_LATENESS})", "95 %": f"histogram_quantile(0.95, {_LATENESS})"}, "s"),
            Graph("What they wait for", "Ages of the watermark, of casework's last word, of the oldest gap in a case.",
                  {"watermark": "max(kmzb_sla_watermark_age_seconds)", "casework": "max(kmzb_sla_progress_age_seconds)",
                   "gap": "max(kmzb_sla_gap_seconds)"}, "s", red=60),
            Graph("Oldest message not delivered", "By channel.",
                  {"{{channel}}": "max by (channel) (kmzb_notices_oldest_seconds)"}, "s"),
            Graph("Mailboxes that fail", "In an hour: mails to the police that were refused for good or came back.",
                  {"{{audience}}":
                   "sum by (audience) (increase(kmzb_notices_mailbox_failures_total[1h])) or vector(0)"}),
            Graph("Misses told to nobody", "In an hour, by whom they were for.",
                  {"{{audience}}": "sum by (audience) (increase(kmzb_notices_unreached_total[1h])) or vector(0)"}),
        ),
    },
    [Variable("garrison", "Garrison", "kmzb_sla_open")],
)  # fmt: skip

BOARDS = {"national": NATIONAL, "garrison": GARRISON, "service": SERVICE, "kafka": KAFKA, "clocks": CLOCKS}
"""By the file each is written to."""
