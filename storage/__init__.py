"""Tables, sessions and queries. Whoever opens a session has the index of people kept: storage.index listens to it."""

from storage import index as index
