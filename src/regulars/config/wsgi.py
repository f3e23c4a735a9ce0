"""The WSGI application that granian serves."""

import gc
import os
import sys

from django.core.wsgi import get_wsgi_application

from regulars.config.supervisor import follow_supervisor

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.config.settings")
follow_supervisor()

# Whoever holds the write lock gets on soon, though other threads of this process are busy.
sys.setswitchinterval(0.0005)

application = get_wsgi_application()

# What is loaded now stays loaded: the collector of garbage need not look at it again and again.
gc.collect()
gc.freeze()
