"""A page to act in both practice platforms, in one browser."""

from sandbox.page.server import PracticePage
from sandbox.page.world import Backstage, World

__all__ = ["Backstage", "PracticePage", "World"]
