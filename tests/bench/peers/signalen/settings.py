"""Django's settings for the peer, told by the environment where its database is."""

import os

from psycopg.conninfo import conninfo_to_dict

_DSN = conninfo_to_dict(os.environ["BENCH_DSN"])
SECRET_KEY = "bench"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "bench.peers.signalen.api"
USE_TZ = True
INSTALLED_APPS = ["django.contrib.gis", "rest_framework", "bench.peers.signalen"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "NAME": _DSN["dbname"],
        "USER": _DSN["user"],
        "PASSWORD": _DSN["password"],
        "HOST": _DSN["host"],
        "PORT": _DSN["port"],
        "CONN_MAX_AGE": None,  # a connection for good: the kindest that can be set
    }
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "UNAUTHENTICATED_USER": None,
}
