"""A tracker's server that misbehaves as told, archives, and a small file of ours."""

import gzip
import io
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from handbook.facts import conferences
from handbook.refresh.fetch import Patience

OLD, NEW = "a" * 40, "b" * 40  # commits

#: Ours: one venue that two trackers have, and ARR.
FACTS = """
as_of: "2026-11-27"
ccf_list: "2026"
sources:
  ccfddl: {name: one, standing: tracker, url: "https://one.example", commit: OLD, licence: MIT}
  hf: {name: two, standing: tracker, url: "https://two.example", licence: MIT}
  arr: {name: three, standing: official, url: "https://three.example", licence: MIT}
venues:
  - key: toy
    name: TOY
    full_name: "Toy Conference"
    field: "机器学习"
    kind: conference
    about: "试验"
    dblp: conf/toy
    no_count_seen: "2026-11-27"
    editions:
      - year: 2027
        start: "2027-06-01"
        end: "2027-06-04"
        date_src: ccfddl
        website: "https://toy.example/2027"
        timeline:
          - {kind: abstract, at: "2027-01-08T23:59:59-12:00", tz: AoE, src: ccfddl}
          - {kind: paper, at: "2027-01-15T23:59:59-12:00", tz: AoE, src: ccfddl}
          - {kind: notification, at: "2027-03-20", src: hf}
        sources:
          - {src: ccfddl, path: conference/AI/toy.yml, checked: "2026-11-20"}
          - {src: hf, path: src/data/conferences/toy.yml, checked: "2026-11-20"}
  - key: arr
    name: ARR
    full_name: "Rolling"
    field: "自然语言处理"
    kind: review-platform
    about: "试验"
    editions:
      - year: 2027
        website: "https://three.example/dates"
        timeline:
          - {kind: paper, at: "2027-01-04T23:59:00-12:00", tz: AoE, label: "January 2027", src: arr}
        sources:
          - {src: arr, path: dates.md, checked: "2026-11-20"}
""".replace("OLD", OLD)  # noqa: E501

CCF = """
- title: TOY
  description: Toy Conference
  sub: AI
  rank: {ccf: A}
  dblp: toy
  confs:
    - year: 2027
      id: toy27
      link: https://toy.example/2027
      timeline:
        - abstract_deadline: '2027-01-08 23:59:59'
          deadline: '2027-01-15 23:59:59'
      timezone: AoE
      date: June 1-4, 2027
      place: Somewhere
"""
HF = """
- title: TOY
  year: 2027
  id: toy27
  deadlines:
    - {type: abstract, label: Abstract, date: '2027-01-09 11:59:00', timezone: UTC}
    - {type: notification, label: Author notification, date: '2027-03-20 23:59:59', timezone: AoE}
  start: '2027-06-01'
  end: '2027-06-04'
"""  # noqa: E501
ARR = """
# Dates

| Cycle | Submission | Reviewer registration | Reviews due | Author Response | Meta-reviews release date | Cycle End |
| :---: | :---: | :---: | :---: | :---: | :---: | :---: |
| January 2027 | January 4 | TBA | TBA | TBA | TBA | TBA |

| Venue | Final ARR Submission Date | Commitment Date |
| :---: | :---: | :---: |
| [OTHER 2027](https://other.example/) | January 4, 2027 | March 14, 2027 |
"""  # noqa: E501

#: Waits of a test; a server that is not there is found out soon.
HASTY = Patience(tries=3, pause=0.01, connect=2, silence=0.3, whole=2)


def pack(files: dict[str, str | bytes], commit: str = NEW) -> bytes:
    """An archive as GitHub packs one: all in a folder, the commit in its header."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", pax_headers={"comment": commit}) as tar:
        for path, text in files.items():
            body = text.encode() if isinstance(text, str) else text
            member = tarfile.TarInfo(f"folder/{path}")
            member.size = len(body)
            tar.addfile(member, io.BytesIO(body))
    return gzip.compress(made.getvalue())


Answer = Callable[[BaseHTTPRequestHandler], None]


def good(body: bytes | str) -> Answer:
    """The whole body."""
    data = body.encode() if isinstance(body, str) else body

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def status(code: int) -> Answer:
    """No body but a status."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def half(body: bytes) -> Answer:
    """Half of what its length promises."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: len(body) // 2])
        handler.close_connection = True

    return answer


def slow(pause: float, pieces: int) -> Answer:
    """A byte now and then."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(pieces):
            time.sleep(pause)
            try:
                handler.wfile.write(b".")
            except OSError:
                return  # the client has gone

    return answer


class Server:
    """Answers each path with its answers in turn, the last one again and again."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: dict[str, list[Answer]] = {}
        self.asked: list[str] = []

    def on(self, path: str, *answers: Answer) -> str:
        """Set what a path answers; its address."""
        self.answers[path] = list(answers)
        return self.url + path

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """What is next at the path that is asked for; 404 where nothing is set."""
        self.asked.append(handler.path)
        left = self.answers.get(handler.path, [status(404)])
        (left.pop(0) if len(left) > 1 else left[0])(handler)


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802
            held.answer(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held = Server(f"http://127.0.0.1:{listening.server_port}")
    thread = threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield held
    listening.shutdown()
    listening.server_close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Our facts."""
    made = tmp_path / "conferences.yml"
    made.write_text(FACTS, encoding="utf-8")
    return made


@pytest.fixture
def facts(file: Path) -> conferences.Conferences:
    return conferences.load(file)
