"""The weekly workflow: its own scripts, run with commands that only write down."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOW = yaml.safe_load(
    (ROOT / ".github/workflows/refresh.yml").read_text(encoding="utf-8")
)
STEPS = {step.get("id"): step for step in WORKFLOW["jobs"]["look"]["steps"]}


def script(folder: Path, step: str, commands: dict[str, str]) -> tuple[int, list[str]]:
    """The status of a step as the runner runs it, and the calls of its commands."""
    for name, text in commands.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'#!/bin/bash\necho "{path.name} $*" >> "$CALLS"\n{text}\n')
        path.chmod(0o755)
    calls = folder / "calls"
    env = {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "CALLS": str(calls),
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
    }
    run = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[step]["run"]]
    done = subprocess.run(run, cwd=folder, env=env, timeout=20)
    said = calls.read_text(encoding="utf-8").splitlines() if calls.exists() else []
    return done.returncode, said


@pytest.mark.parametrize("status", [0, 1, 2])
def test_the_status_of_the_command_is_handed_on(tmp_path: Path, status: int) -> None:
    command = {".venv/bin/python": f"echo '# table'\nexit {status}"}
    done, calls = script(tmp_path, "look", command)
    assert (done, calls) == (0, ["python -m handbook.refresh"])
    assert (tmp_path / "output").read_text() == f"status={status}\n"
    assert (tmp_path / "summary").read_text() == "# table\n"


def test_a_command_that_breaks_fails_the_job(tmp_path: Path) -> None:
    done, _ = script(tmp_path, "look", {".venv/bin/python": "exit 1"})
    assert done != 0


@pytest.mark.parametrize(
    ("open_issue", "call"),
    [
        ("", "gh issue create --label refresh --title 会议日期待核对"),
        ("7", "gh issue edit 7"),
    ],
)
def test_the_table_stands_in_one_issue(tmp_path: Path, open_issue, call) -> None:
    (tmp_path / "report.md").write_text("row\n" * 900, encoding="utf-8")
    gh = {"gh": f'[ "$2" = list ] && echo "{open_issue}"\nexit 0'}
    done, calls = script(tmp_path, "tell", gh)
    assert done == 0 and calls[-1] == f"{call} --body-file body.md"
    assert len((tmp_path / "body.md").read_text().splitlines()) == 200


def test_it_may_write_issues_and_nothing_else() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read", "issues": "write"}
