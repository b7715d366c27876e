"""What a handler may ask for by name. The application puts each on its state at the start; see app.py."""

from datetime import datetime
from typing import Any

from litestar.datastructures import State
from litestar.di import NamedDependency, Provide

from dispatch.database import Database
from dispatch.database.changes import Changes
from dispatch.server.caller import Caller, CallerRequest
from dispatch.settings import Settings

DatabaseDependency = NamedDependency[Database]
SettingsDependency = NamedDependency[Settings]
ChangesDependency = NamedDependency[Changes]
CallerDependency = NamedDependency[Caller]
# The application's clock, read once per request: everything a request does happens at one instant.
NowDependency = NamedDependency[datetime]


def _database(state: State) -> Database:
    return state.database


def _settings(state: State) -> Settings:
    return state.settings


def _changes(state: State) -> Changes:
    return state.changes


def _now(state: State) -> datetime:
    return state.clock()


def _caller(request: CallerRequest) -> Caller:
    return request.user


def _handout_coalescer(state: State) -> Any:
    return state.handout_coalescer


def _own_days(state: State) -> Any:
    return state.own_days


DEPENDENCIES = {
    "database": Provide(_database, sync_to_thread=False),
    "settings": Provide(_settings, sync_to_thread=False),
    "changes": Provide(_changes, sync_to_thread=False),
    "handout_coalescer": Provide(_handout_coalescer, sync_to_thread=False),
    "own_days": Provide(_own_days, sync_to_thread=False),
    "now": Provide(_now, sync_to_thread=False),
    "caller": Provide(_caller, sync_to_thread=False),
}
