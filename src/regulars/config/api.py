"""The API, version 1, composed from each package's `api.py`."""

from ninja import NinjaAPI

api = NinjaAPI(title="Regulars", version="1", urls_namespace="api", docs_url=None)
