"""Trouble on order: what a practice platform should do wrong, to which requests, and how often."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, TypeAlias, TypeVar

from aiohttp import web


@dataclass(frozen=True)
class RateLimited:
    """Answer 429 with Retry-After; the request has no effect."""

    retry_after: int


@dataclass(frozen=True)
class ServerError:
    """Answer an HTTP error; with `accepted` the request takes effect first."""

    status: int = 500
    accepted: bool = False


@dataclass(frozen=True)
class Dropped:
    """Close the connection without an answer, before the request takes effect or (`accepted`) after."""

    accepted: bool = False


@dataclass(frozen=True)
class Slow:
    """Answer late. The request takes effect at once, or only after the wait when `late_effect`."""

    seconds: float
    late_effect: bool = False


@dataclass(frozen=True)
class RefusedWith:
    """Answer with the platform's own error code; the request has no effect."""

    error: str
    status: int = 200


@dataclass(frozen=True)
class Redeliver:
    """Platform → bot: deliver the same thing again this many times after it was delivered."""

    times: int


@dataclass(frozen=True)
class Reorder:
    """Platform → bot: hold this delivery back until the next one has been made."""


Incoming: TypeAlias = RateLimited | ServerError | Dropped | Slow | RefusedWith
Outgoing: TypeAlias = Redeliver | Reorder
Fault: TypeAlias = Incoming | Outgoing
R = TypeVar("R", bound=web.BaseRequest)


@dataclass(eq=False)
class Order:
    """One order as it stands: `left` says for how many requests more, None for any number."""

    fault: Fault
    on: str
    left: int | None


class Faults:
    """Orders for trouble, each for the next `times` requests whose name matches `on` (a glob)."""

    def __init__(self) -> None:
        self._orders: list[Order] = []

    def order(self, fault: Fault, *, on: str = "*", times: int | None = 1) -> Order:
        """Ask for `fault` on the next `times` matching requests; None means until cleared or withdrawn."""
        order = Order(fault, on, times)
        self._orders.append(order)
        return order

    def withdraw(self, order: Order) -> None:
        """Take one order back, unless it is used up."""
        if order in self._orders:
            self._orders.remove(order)

    def clear(self) -> None:
        """Forget every order."""
        self._orders.clear()

    @property
    def pending(self) -> list[Fault]:
        """Faults ordered and not used up yet, oldest first."""
        return [order.fault for order in self._orders]

    def take(self, name: str) -> Incoming | None:
        """First matching order for a request from the bot, decremented; skips Redeliver and Reorder."""
        if not self._orders:
            return None
        fault = self._take(name, outgoing=False)
        return None if isinstance(fault, Redeliver | Reorder) else fault

    def take_outgoing(self, name: str) -> Outgoing | None:
        """First matching Redeliver or Reorder for a delivery to the bot, decremented."""
        fault = self._take(name, outgoing=True)
        return fault if isinstance(fault, Redeliver | Reorder) else None

    def _take(self, name: str, *, outgoing: bool) -> Fault | None:
        for order in self._orders:
            if isinstance(order.fault, Redeliver | Reorder) != outgoing or not fnmatchcase(name, order.on):
                continue
            if order.left is not None:
                order.left -= 1
                if order.left <= 0:
                    self._orders.remove(order)
            return order.fault
        return None


def slack_error(code: str) -> dict[str, Any]:
    """The JSON in which Slack names an error."""
    return {"ok": False, "error": code}


async def under(
    fault: Fault | None,
    request: R,
    handler: Callable[[R], Awaitable[web.StreamResponse]],
    *,
    error_body: Callable[[str], Any] = slack_error,
) -> web.StreamResponse:
    """Run `handler(request)` under a fault and return what is to be answered.

    `error_body` turns an error code into the platform's JSON. The codes given to it are `ratelimited`,
    `internal_error` and whatever `RefusedWith` names. Dropped aborts the connection; the response
    returned then reaches nobody. Redeliver and Reorder mean nothing here.
    """
    match fault:
        case RateLimited(retry_after):
            headers = {"Retry-After": str(retry_after)}
            return web.json_response(error_body("ratelimited"), status=429, headers=headers)
        case RefusedWith(error, status):
            return web.json_response(error_body(error), status=status)
        case ServerError(status, accepted):
            if accepted:
                await handler(request)
            return web.json_response(error_body("internal_error"), status=status)
        case Dropped(accepted):
            if accepted:
                await handler(request)
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=499)
        case Slow(seconds, late_effect):
            if late_effect:
                await asyncio.sleep(seconds)
                return await handler(request)
            response = await handler(request)
            await asyncio.sleep(seconds)
            return response
        case _:
            return await handler(request)
