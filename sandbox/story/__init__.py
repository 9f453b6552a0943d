"""The main job, acted by people of the two practice workspaces and told to whoever wants to show it."""

from sandbox.story.guide import Guide
from sandbox.story.main_job import MainJob, StoryBroken
from sandbox.story.narrator import Act, Chapter, Moment, Narrator, Remark, Seat, Sight, Silence
from sandbox.story.reading import Kind, Line
from sandbox.story.script import SCRIPTS, Script
from sandbox.story.stage import COLLEAGUE, HR, HR_IN_SLACK, Stage, workspaces
from sandbox.story.terminal import Terminal

__all__ = [
    "COLLEAGUE",
    "HR",
    "HR_IN_SLACK",
    "SCRIPTS",
    "Act",
    "Chapter",
    "Guide",
    "Kind",
    "Line",
    "MainJob",
    "Moment",
    "Narrator",
    "Remark",
    "Script",
    "Seat",
    "Sight",
    "Silence",
    "Stage",
    "StoryBroken",
    "Terminal",
    "workspaces",
]
