"""`app.py` as a process of its own, forked from one that has imported it: that is most of what a short one takes."""

import multiprocessing
import os
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["app"])


def start(
    *arguments: str,
    folder: Path,
    environment: Mapping[str, str],
    stdout: Path,
    stderr: Path | None = None,
    before: Callable[[], None] | None = None,
) -> BaseProcess:
    """Run the command in that folder, with these variables and no others; what it says is added to the files. `before`
    is called there first."""
    outputs = (stdout, stderr or stdout)
    process = _processes.Process(target=_command, args=(arguments, folder, environment, outputs, before), daemon=True)
    process.start()
    return process


def _command(
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    outputs: Sequence[Path],
    before: Callable[[], None] | None,
) -> None:
    import app

    os.setsid()
    for number, output in enumerate(outputs, 1):
        os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    if before is not None:
        before()
    app.cli(arguments, prog_name="app.py")
