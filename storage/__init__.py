"""Tables, sessions and queries. Whoever opens a session has the index of people kept: storage.search listens to it."""

from storage import search as search
