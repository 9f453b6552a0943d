"""The main job, acted by people of the two practice workspaces and told to whoever wants to show it."""

from sandbox.story.main_job import MainJob, StoryBroken
from sandbox.story.narrator import Act, Chapter, Moment, Narrator, Remark, Seat, Sight
from sandbox.story.reading import Kind, Line
from sandbox.story.script import SCRIPTS, Script
from sandbox.story.stage import Stage, workspaces
from sandbox.story.terminal import Terminal

__all__ = [
    "SCRIPTS",
    "Act",
    "Chapter",
    "Kind",
    "Line",
    "MainJob",
    "Moment",
    "Narrator",
    "Remark",
    "Script",
    "Seat",
    "Sight",
    "Stage",
    "StoryBroken",
    "Terminal",
    "workspaces",
]
