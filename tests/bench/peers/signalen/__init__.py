"""Signalen's way to take a report, in small: Django REST framework, GeoDjango, ORM inserts in one transaction.

    python -m django migrate --run-syncdb           makes its tables
    gunicorn bench.peers.signalen.application   both with DJANGO_SETTINGS_MODULE=bench.peers.signalen.settings

What its public code does for a citizen's `POST /signals/v1/public/signals/` (github.com/Amsterdam/signals,
`SignalManager` in apps/signals/managers.py, `PublicSignalCreateSerializer` in apps/api/serializers/signal.py,
utils/location.py), in the same order: nested serializers, unknown fields refused, the category looked up; in one
transaction the signal, the area that covers the place (`exists()`, then `first()`), location, status, category
assignment, reporter, who is approved and saved once more, priority, type, and the signal saved again with all of them.

Left out: everything it does afterwards in the background (mail, history, routing to departments, classifying), its
middleware for tokens and logs, throttling, attachments and questionnaires. So the real one costs more.
"""

AREA_TYPE = "district"
