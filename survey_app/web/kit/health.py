"""For operators: is it well (``/healthz``), how much goes on (``/metrics``). Counts, never content."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from survey_app.storage.database import RETRY_AFTER_SECONDS, UnavailableError

router = APIRouter(include_in_schema=False)

disable_created_metrics()  # type: ignore[no-untyped-call]  # the moment of the first response of a kind would be a clock time

# The steps of enrolment, served by http, ask by this whether the tablet trusts the secure address already.
_FROM_ANYWHERE: Final = {"cross-origin-resource-policy": "cross-origin"}
_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """Counts of requests by the template of their route: no session code, no id, no address."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "survey_app_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "survey_app_request_seconds", "Seconds to answer.", ("route",), buckets=_SECONDS, registry=self.registry
        )

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)


@router.get("/healthz")
def show_health(request: Request) -> JSONResponse:
    """Say whether the database can be reached and its tables are those of this program; nothing else to strangers."""
    database: Any = request.app.state.database
    try:
        is_well = database.is_up_to_date()
    except UnavailableError:
        is_well = False
    if is_well:
        return JSONResponse({"status": "well"}, headers=_FROM_ANYWHERE)
    headers = {**_FROM_ANYWHERE, "retry-after": str(RETRY_AFTER_SECONDS)}
    return JSONResponse({"status": "unwell"}, status_code=503, headers=headers)


@router.get("/metrics")
def show_metrics(request: Request) -> Response:
    """Give the counts in the text format of Prometheus."""
    return Response(generate_latest(request.app.state.metrics.registry), media_type=CONTENT_TYPE_LATEST)
