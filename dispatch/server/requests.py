"""Requests and connections as handlers and guards take them, with the framework's type parameters filled in once."""

from typing import Any, TypeAlias

from litestar import Request
from litestar.connection import ASGIConnection

# The parameters are invariant: what takes the request of a caller and of nobody alike can name neither.
AnyRequest: TypeAlias = Request[Any, Any, Any]
AnyConnection: TypeAlias = ASGIConnection[Any, Any, Any, Any]
