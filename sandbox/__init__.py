"""Practice platforms on loopback: a Slack and a Teams that behave as the real ones do towards one bot."""
