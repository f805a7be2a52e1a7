"""The serving page: a queue, batches, a real service on loopback, its manifests.

References that the programs never call: Lindley's recursion as a running minimum, a
simulation by events (heapq), scikit-learn's own probabilities, and Kubernetes' schema.
The service is started by uvicorn in a process of its own, loaded, and stopped.
"""

import asyncio
import heapq
import http.client
import json
import math
import queue as queues
import re
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import kubernetes_validate
import numpy as np
import pytest
import yaml
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, numbers

PAGE = ROOT / "docs/frameworks/serving.md"
PROGRAMS = ROOT / "snippets/frameworks"


@pytest.fixture
def queue(run_snippet):
    return run_snippet("frameworks/serving_queue_numpy")


@pytest.fixture
def batch(run_snippet):
    return run_snippet("frameworks/serving_batch_numpy")


@pytest.fixture
def batcher(run_snippet):
    return run_snippet("frameworks/serving_batcher_python")


@pytest.fixture
def blocking(run_snippet):
    return run_snippet("frameworks/serving_blocking_python")


@pytest.fixture
def service(run_snippet):
    return run_snippet("frameworks/serving_app_python")


@pytest.fixture
def stop(run_snippet):
    return run_snippet("frameworks/serving_stop_python")


def eventually(happened, seconds=60):
    """Wait until ``happened()``; red after ``seconds``, never for ever."""
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.01)


def page():
    return PAGE.read_text(encoding="utf-8")


# --- the queue ------------------------------------------------------------------------


def lindley(arrivals, work):
    """Waits of a queue with one server: the walk above its running minimum."""
    steps = np.concatenate([[0.0], work[:-1] - np.diff(arrivals)]).cumsum()
    return steps - np.minimum.accumulate(np.minimum(steps, 0))


def test_the_table_by_hand_is_that_of_lindley_s_recursion(queue):
    *rows, last = queue.printed_by["hand"].splitlines()
    arrivals, starts, waits, ends = np.array([numbers(row) for row in rows]).T
    assert arrivals.tolist() == [0, 4, 8, 25, 27, 65]
    assert waits.tolist() == lindley(arrivals, np.full(6, 10.0)).tolist()
    assert starts.tolist() == (arrivals + waits).tolist()
    assert ends.tolist() == (starts + 10).tolist()
    assert numbers(last) == [waits.mean(), 100 * 60 / ends[-1]]


def printed_utilisation(queue):
    """{(rho, kind): (closed form, least mean, largest mean)}"""
    lines = queue.printed_by["utilisation"].splitlines()
    found = {}
    for formula, steady, random in zip(*[iter(lines)] * 3, strict=True):
        percent, fixed, spread = numbers(formula)
        found[percent / 100, "一样长"] = fixed, *numbers(steady)
        found[percent / 100, "长短不一"] = spread, *numbers(random)
    assert len(found) == 8
    return found


def test_the_closed_forms_are_pollaczek_and_khinchine_s(queue):
    for (rho, kind), (formula, *_) in printed_utilisation(queue).items():
        second_moment = 100 if kind == "一样长" else 200  # of a mean of 10
        expected = rho / 10 * second_moment / (2 * (1 - rho))
        assert formula == pytest.approx(expected, abs=0.5)


def test_the_simulated_means_are_those_of_lindley_s_recursion(queue):
    for (rho, kind), (_, least, largest) in printed_utilisation(queue).items():
        means = []
        for seed in range(3):
            rng = np.random.default_rng(seed)
            arrivals = rng.exponential(10 / rho, 100_000).cumsum()
            steady = np.full(100_000, 10.0)
            work = steady if kind == "一样长" else rng.exponential(10.0, 100_000)
            means.append(lindley(arrivals, work)[10_000:].mean())
        assert [least, largest] == pytest.approx([min(means), max(means)], abs=0.51)


def test_one_slow_request_in_a_hundred_makes_a_fifth_of_the_quick_ones_wait(queue):
    lines = queue.printed_by["tail"].splitlines()
    rng = np.random.default_rng(3)
    arrivals = rng.exponential(20, 200_000).cumsum()
    for share, slow, said, waited in ((0, 10, *lines[:2]), (0.01, 300, *lines[2:])):
        work = np.where(rng.random(200_000) < share, slow, 10).astype(float)
        waits = lindley(arrivals, work)
        took = np.sort(waits + work)
        expected = [math.fsum(took) / 200_000, took[100_000], took[198_000]]
        assert numbers(said.partition("平均")[2]) == pytest.approx(
            [*expected[:2], 99, expected[2]], abs=0.51
        )
        late = 100 * np.mean((waits > 100) & (work == 10))
        assert numbers(waited)[-1] == pytest.approx(late, abs=0.051)
    assert numbers(lines[-1])[-1] > 20


def test_little_s_law_holds_when_the_inside_is_counted(queue):
    arrivals = np.random.default_rng(5).exponential(12.5, 100_000).cumsum()
    work = np.full(100_000, 10.0)
    ends = arrivals + lindley(arrivals, work) + work
    rng = np.random.default_rng(0)
    looks = rng.uniform(0, ends.max(), 400_000)  # look in at random moments
    inside = np.searchsorted(arrivals, looks) - np.searchsorted(ends, looks)
    (counted,) = after(queue.printed_by["little"], "数出来的平均在里面的个数：")
    rate, stay, product = after(queue.printed_by["little"], "到达率 × 平均停留：")
    assert counted == pytest.approx(inside.mean(), abs=0.03)
    assert product == counted
    assert rate == pytest.approx(100_000 / ends.max(), abs=6e-5)
    assert stay == pytest.approx((ends - arrivals).mean(), abs=6e-3)


def by_events(arrivals, limit):
    """Waits of those let in, when at most ``limit`` may queue: arrivals, departures."""
    busy_until, waiting, waits = 0.0, [], []
    for arrival in arrivals:
        while waiting and waiting[0] <= arrival:
            heapq.heappop(waiting)  # has begun
        if len(waiting) < limit or busy_until <= arrival:
            begin = max(arrival, busy_until)
            waits.append(begin - arrival)
            if begin > arrival:
                heapq.heappush(waiting, begin)
            busy_until = begin + 10
    return waits


def test_a_bounded_queue_refuses_the_same_share_and_bounds_the_wait(queue):
    rng = np.random.default_rng(4)
    arrivals = rng.exponential(10 / 1.5, 30_000).cumsum().tolist()
    for name, limit in (("最多排 5 个", 5), ("最多排 20 个", 20), ("不设上限", 1e9)):
        waits = by_events(arrivals, limit)
        refused, longest = after(queue.printed_by["bounded"], f"{name}：")
        assert refused == pytest.approx(100 * (1 - len(waits) / 30_000), abs=0.51)
        assert longest == pytest.approx(max(waits), abs=0.51)


def test_a_crowd_that_comes_at_once_is_let_in_up_to_the_limit(queue):
    for limit in (1, 5, 20):
        waits = queue.bounded(np.zeros(60), limit)
        assert waits.tolist() == by_events([0] * 60, limit)
        assert len(waits) == limit + 1  # one is in work


# --- batches --------------------------------------------------------------------------


def by_clock(arrivals, max_batch, max_wait, cost0, cost1):
    """The batches of one worker, by walking through events in their order."""
    events = [(t, 0, i) for i, t in enumerate(arrivals)]  # arrivals before clocks
    heapq.heapify(events)
    waiting, held, gone, busy, clock = [], [], [], False, 0
    while events:
        now, kind, who = heapq.heappop(events)
        if kind == 0:
            waiting.append(who)
        elif kind == 1:
            busy = False
        same = events and events[0][0] == now and events[0][1] == 0
        if same:
            continue  # all that come at this moment are seen together
        if not busy and not held and waiting:
            held, clock = [waiting.pop(0)], clock + 1
            heapq.heappush(events, (now + max_wait, 2, clock))
        while held and waiting and len(held) < max_batch:
            held.append(waiting.pop(0))
        up = kind == 2 and who == clock or max_wait == 0
        if held and (len(held) == max_batch or up):
            gone.append((now, held))
            heapq.heappush(events, (now + cost0 + cost1 * len(held), 1, 0))
            held, busy, clock = [], True, clock + 1
    return gone


def test_the_batches_by_hand_are_those_of_a_walk_through_events(batch):
    arrivals = [0, 1, 3, 4, 5, 14, 30, 31]
    for max_wait in (0, 2, 5):
        line = line_of(batch.printed_by["hand"], f"最多再等 {max_wait} 毫秒：")
        leaves = [(t, len(who)) for t, who in by_clock(arrivals, 4, max_wait, 8, 1)]
        assert (
            np.array(numbers(line)).reshape(-1, 2).tolist() == np.array(leaves).tolist()
        )


@pytest.mark.parametrize("max_wait", [0, 3, 7])
@pytest.mark.parametrize("max_batch", [1, 2, 5])
def test_the_program_s_batches_are_those_of_events_on_random_arrivals(
    batch, max_batch, max_wait
):
    rng = np.random.default_rng(max_batch + 10 * max_wait)
    for gap in (1, 4, 12):
        arrivals = rng.integers(0, 2 * gap, 60).cumsum()
        found = batch.batches(arrivals, max_batch, max_wait, 8, 1)
        ours = [(int(leave), list(who)) for leave, who in found]
        assert ours == by_clock(arrivals.tolist(), max_batch, max_wait, 8, 1)


def simulated(rate, max_batch, max_wait):
    stays, sizes = [], []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        arrivals = rng.exponential(1 / rate, 20_000).cumsum().tolist()
        gone = by_clock(arrivals, max_batch, max_wait, 8, 1)
        ends = {i: t + 8 + len(who) for t, who in gone for i in who}
        stays.append(np.mean([ends[i] - t for i, t in enumerate(arrivals)]))
        sizes.append(20_000 / len(gone))
    return np.mean(stays), np.mean(sizes)


def test_the_stay_and_the_batch_s_size_are_those_of_events(batch):
    text = batch.printed_by["tradeoff"]
    for rate in (0.02, 0.09, 0.6):
        (part,) = re.findall(rf"，每秒 {1000 * rate:g} 个：\n((?:  .*\n?)+)", text)
        alone, *lines = part.splitlines() if rate < 0.5 else ["", *part.splitlines()]
        assert len(lines) == 3
        for line in lines:
            max_wait, stay, size = numbers(line)
            expected = simulated(rate, 16, max_wait)
            assert (stay, size) == pytest.approx(expected, abs=0.51), line
            assert size == pytest.approx(expected[1], abs=0.051), line
        if alone:
            stay, _ = simulated(rate, 1, 0)
            assert numbers(alone)[-1] == pytest.approx(stay, abs=0.51)


def test_the_figure_draws_the_printed_stays(batch):
    text = batch.printed_by["tradeoff"]
    assert list(batch.curves) == ["闲", "较忙", "很忙"]
    for name, curve in batch.curves.items():
        (part,) = re.findall(rf"^{name}，每秒 .*\n((?:  .*\n?)+)", text, re.M)
        for line in re.findall("  再等.*", part):
            max_wait, stay, _ = numbers(line)
            drawn = curve[[0, 2, 5, 10, 20, 40].index(max_wait)]
            assert drawn == pytest.approx(stay, abs=0.51)


def test_padding_is_counted_token_by_token(batch):
    lengths = np.random.default_rng(2).geometric(1 / 40, 4096).tolist()

    def real(order):
        made = 0
        for i in range(0, 4096, 16):
            made += 16 * max(order[i : i + 16])
        return 100 * sum(order) / made

    buffered = []
    for i in range(0, 4096, 128):
        buffered += sorted(lengths[i : i + 128])
    text = batch.printed_by["padding"]
    for label, order in {
        "先来先走：算了的词元里 ": lengths,
        "攒 128 条，按长度排好再分：": buffered,
        "全部排好再分：": sorted(lengths),
    }.items():
        assert after(text, label) == [pytest.approx(real(order), abs=0.51)]


# --- the micro-batcher ----------------------------------------------------------------


def test_twenty_at_once_make_a_full_batch_and_a_rest(batcher):
    assert after(batcher.printed_by["batches"], "20 个一起来，各批：") == [16, 4]
    assert line_of(batcher.printed_by["batches"], "各得各的答复：").strip() == "True"


def test_a_bad_request_a_full_queue_and_a_cancelled_one_spoil_nothing_else(batcher):
    shown, first, six, late, last = batcher.printed_by["failures"].splitlines()
    assert shown == "坏了一个： [1, 4, 'TypeError']"
    assert first == "  模型算过： [[1, 2, '三'], [1], [2], ['三']]"
    assert six == "六个： [1, 'CancelledError', 9, 16, 'QueueFull', 'QueueFull']"
    assert late == "时限是 0： ['TimeoutError']"
    assert last == "  模型算过： [[1], [3, 4]]"


async def held(program, count, **limits):
    """A batcher whose model stands at a gate with one request; ``count`` more wait."""
    gate, entered, seen = threading.Event(), threading.Event(), []

    def run(requests):
        seen.append(list(requests))
        entered.set()
        gate.wait(20)
        return [2 * x for x in requests]

    batcher = program.Batcher(run, **limits)
    tasks = [asyncio.create_task(batcher.submit(0))]
    await asyncio.to_thread(entered.wait, 20)
    tasks += [asyncio.create_task(batcher.submit(i)) for i in range(1, count + 1)]
    await asyncio.sleep(0)
    return batcher, tasks, gate, seen


def test_a_batcher_that_closes_answers_all_it_accepted_and_refuses_new_ones(batcher):
    async def scene():
        made, tasks, gate, _ = await held(batcher, 5, deadline=None)
        closing = asyncio.create_task(made.close())
        await asyncio.sleep(0)
        with pytest.raises(asyncio.QueueFull):
            await made.submit(9)
        assert not closing.done()
        gate.set()
        await closing
        assert await asyncio.gather(*tasks) == [0, 2, 4, 6, 8, 10]
        await asyncio.gather(made.worker, return_exceptions=True)
        assert made.worker.cancelled()

    asyncio.run(asyncio.wait_for(scene(), 20))


def test_what_is_past_its_deadline_is_not_computed(batcher):
    async def scene():
        made, tasks, gate, seen = await held(batcher, 0, deadline=None)
        made.deadline = 0.05  # only now: the first must have reached the model
        waiting = [made.submit(i) for i in (1, 2, 3)]
        late = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(x) for x in late] == [TimeoutError] * 3
        tasks[0].cancel()  # in the middle of its computation
        made.deadline = 30
        tasks.append(asyncio.create_task(made.submit(7)))
        await asyncio.sleep(0)
        gate.set()
        assert await tasks[1] == 14
        assert seen == [[0], [7]]
        await made.close()

    asyncio.run(asyncio.wait_for(scene(), 20))


def test_an_error_for_one_who_has_left_does_not_end_the_worker(batcher):
    async def scene():
        gate, entered = threading.Event(), threading.Event()

        def run(requests):
            entered.set()
            gate.wait(20)
            return [1 / x for x in requests]

        made = batcher.Batcher(run, deadline=10)
        leaving = asyncio.create_task(made.submit(0))
        await asyncio.to_thread(entered.wait, 20)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        gate.set()
        assert await made.submit(4) == 0.25
        assert leaving.cancelled() and not made.worker.done()
        await made.close()

    asyncio.run(asyncio.wait_for(scene(), 20))


def test_the_longest_wait_counts_from_the_first_of_a_batch(batcher, monkeypatch):
    monkeypatch.setitem(batcher.collect.__globals__, "MAX_WAIT", 0.3)

    async def scene():
        queue = asyncio.Queue()

        async def come():
            for i in range(10):
                queue.put_nowait(i)
                await asyncio.sleep(0.1)

        coming = asyncio.create_task(come())
        found = await batcher.collect(queue)
        assert 0 < len(found) < 10
        await coming

    asyncio.run(asyncio.wait_for(scene(), 20))


def test_the_queue_holds_as_many_as_it_says(batcher):
    async def scene():
        made, tasks, gate, _ = await held(batcher, batcher.QUEUE + 3, deadline=None)
        refused = [t for t in tasks if t.done()]
        assert [type(t.exception()) for t in refused] == [asyncio.QueueFull] * 3
        gate.set()
        kept = [await t for t in tasks if t not in refused]
        assert kept == [2 * i for i in range(batcher.QUEUE + 1)]
        await made.close()

    asyncio.run(asyncio.wait_for(scene(), 20))


def test_a_model_that_answers_too_few_fails_those_requests_and_not_the_worker(batcher):
    async def scene():
        made = batcher.Batcher(lambda requests: requests[1:], deadline=30)
        bad = await asyncio.gather(
            made.submit(1), made.submit(2), return_exceptions=True
        )
        assert [type(x) for x in bad] == [ValueError] * 2
        made.run = lambda requests: requests
        assert await made.submit(3) == 3
        await made.close()

    asyncio.run(asyncio.wait_for(scene(), 20))


def test_a_request_alone_does_not_wait_for_company(batcher):
    async def scene():
        made = batcher.Batcher(lambda requests: [len(requests)] * len(requests))
        assert await made.submit("x") == 1
        await made.close()

    asyncio.run(asyncio.wait_for(scene(), 20))


def test_a_model_in_async_def_holds_up_the_health_check_and_a_thread_does_not(blocking):
    text = blocking.printed_by["blocking"]
    assert line_of(text, "直接调用：").split(" → ") == [
        " 模型开始",
        "模型算完",
        "健康检查",
    ]
    assert line_of(text, "放进线程：").split(" → ") == [
        " 模型开始",
        "健康检查",
        "模型算完",
    ]


def sections(name, *wanted):
    text = (PROGRAMS / f"{name}.py").read_text(encoding="utf-8")
    return [
        text.split(f"[start:{w}]")[1].split(f"# --8<-- [end:{w}]")[0] for w in wanted
    ]


def test_the_service_s_batcher_is_the_one_that_is_explained():
    first, second = (
        sections(name, "batcher", "collect", "compute")
        for name in ("serving_batcher_python", "serving_app_python")
    )
    start = "QUEUE, MAX_BATCH"
    assert first[0][first[0].index(start) :] == second[0][second[0].index(start) :]
    assert first[1:] == second[1:]


# --- the service, in this process -----------------------------------------------------


X, Y = load_breast_cancer(return_X_y=True)
MODEL = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y)
BAD = MODEL.predict_proba(X)[:, 0]  # malignant, which the data set calls 0


def test_the_printed_probabilities_are_scikit_learn_s(service):
    text = service.printed_by["good"]
    assert after(text, "恶性的概率：") == [
        pytest.approx(p, abs=6e-4) for p in BAD[[0, 40]]
    ]
    assert line_of(text, "模型的版本：").strip() == service.VERSION
    for path in ("/health/live", "/health/ready"):
        assert after(text, f"{path}：") == [200]


def test_each_bad_request_gets_its_own_clear_4xx(service):
    lines = service.printed_by["refused"].splitlines()
    said = dict(re.split("： ?", line, maxsplit=1) for line in lines)
    status = {name: int(words[:3]) for name, words in said.items()}
    other = {"65537 字节": 413, "GET /predict": 405, "POST /predicts": 404}
    assert {k: v for k, v in status.items() if v != 422} == other
    assert len(status) == 12
    assert "30 items" in said["29 个数"] and said["29 个数"].endswith("29")
    assert "finite" in said["NaN"] and "finite" in said["Infinity"]
    assert "greater than or equal to 0" in said["负数"]
    assert "valid number" in said["写成文字的数"]
    assert "at least 1 item" in said["没有行"]
    assert "Extra" in said["多一个字段"]
    assert "JSON" in said["括号没有关上"]


def test_a_stuck_model_gives_504_and_a_stopping_service_503(service):
    text = service.printed_by["stuck"]
    assert after(text, "模型卡住：") == [504, service.DEADLINE]
    assert after(text, "正在停：") == [503, 1]
    assert after(text, "正在停，/health/ready：") == [503]


@pytest.fixture
def client(service):
    with TestClient(service.app) as client:
        service.app.state.batcher.deadline = 60  # a busy machine is no failure
        yield client


def sent(client, row, **more):
    return client.post("/predict", json={"rows": [row], **more})


def test_every_row_of_the_data_is_accepted_and_its_answer_right(client):
    found = []
    for i in range(0, len(X), 64):
        said = client.post("/predict", json={"rows": X[i : i + 64].tolist()})
        assert said.status_code == 200
        found += said.json()["probabilities"]
    assert found == pytest.approx(BAD.tolist(), rel=0, abs=1e-9)


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ([X[0].tolist()] * 64, 200),
        ([X[0].tolist()] * 65, 422),
        ([[0] * 30], 200),
        ([[1e5] * 30], 200),
        ([[0] * 29 + [100001]], 422),
        ([[0] * 31], 422),
        ([[0] * 29 + [None]], 422),
        ([[0] * 29 + [True]], 422),
        (None, 422),
        ([0] * 30, 422),
    ],
)
def test_the_limits_of_the_schema_are_where_they_are_said(client, rows, status):
    assert client.post("/predict", json={"rows": rows}).status_code == status


@pytest.mark.parametrize("body", ["", "null", "[]", "[" * 60_000, "1" * 60_000, "\x00"])
def test_no_body_that_is_not_a_query_is_the_service_s_fault(client, body):
    kind = {"content-type": "application/json"}
    said = client.post("/predict", content=body, headers=kind)
    assert 400 <= said.status_code < 500


def test_a_body_of_the_limit_is_read_and_one_byte_more_is_not(client):
    kind = {"content-type": "application/json"}
    text = json.dumps({"rows": [X[0].tolist()]})
    for size, status in ((64 * 1024, 200), (64 * 1024 + 1, 413)):
        said = client.post("/predict", content=text.ljust(size), headers=kind)
        assert said.status_code == status
    parts = (b" " * 1024 for _ in range(65))  # without a length in its header
    assert client.post("/predict", content=parts, headers=kind).status_code == 413


def test_a_422_does_not_give_the_input_back(client):
    said = sent(client, [0.123456] * 29 + ["secret"])
    assert said.status_code == 422
    assert "secret" not in said.text and "0.123456" not in said.text
    assert said.json()["detail"][0]["loc"] == ["body", "rows", 0, 29]


def test_the_default_answer_to_nan_would_be_a_500(service):
    bare = FastAPI()

    @bare.post("/predict")
    def predict(query: service.Query) -> None: ...

    client = TestClient(bare, raise_server_exceptions=False)
    text = '{"rows": [[' + "1, " * 29 + "NaN]]}"
    kind = {"content-type": "application/json"}
    said = client.post("/predict", content=text, headers=kind)
    assert said.status_code == 500


def test_a_full_queue_is_not_ready_but_alive_and_answers_503(service, client):
    batcher, gate = service.app.state.batcher, threading.Event()
    entered = threading.Event()
    batcher.deadline = None

    def run(requests):
        entered.set()
        gate.wait(60)
        return service.run(requests)

    batcher.run = run
    with ThreadPoolExecutor(service.QUEUE + 1) as pool:
        try:
            asked = [pool.submit(sent, client, X[0].tolist())]
            assert entered.wait(30)
            asked += [
                pool.submit(sent, client, X[i].tolist()) for i in range(service.QUEUE)
            ]
            eventually(batcher.queue.full)
            assert not any(a.done() for a in asked)
            refused = sent(client, X[0].tolist())
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
            assert client.get("/health/ready").status_code == 503
            assert client.get("/health/live").status_code == 200
        finally:
            gate.set()
        answers = [a.result(60) for a in asked]
    rows = [0, *range(service.QUEUE)]
    assert [a.json()["probabilities"][0] for a in answers] == pytest.approx(
        BAD[rows].tolist(), rel=0, abs=1e-9
    )


def test_a_service_whose_worker_is_gone_is_not_alive(service):
    with TestClient(service.app) as client:
        worker = service.app.state.batcher.worker
        worker.get_loop().call_soon_threadsafe(worker.cancel)
        eventually(worker.done)
        assert client.get("/health/live").status_code == 503


def test_the_service_s_end_closes_its_batcher(service):
    with TestClient(service.app):
        batcher = service.app.state.batcher
        assert batcher.accepting
    assert not batcher.accepting
    assert batcher.worker.done()


def test_the_session_computes_with_one_thread(service):
    assert service.session.get_session_options().intra_op_num_threads == 1


# --- the service, in a process of its own ---------------------------------------------

GATE = """
import sys
import serving_app_python as service

app, real, made = service.app, service.run, service.Batcher


def run(requests):
    sys.stdin.readline()  # until the test opens the gate
    return real(requests)


class Batcher(made):
    async def submit(self, rows):
        print("accepted", flush=True)
        return await super().submit(rows)


service.Batcher = lambda _: Batcher(run, deadline=None)
"""


PATIENT = """
import functools
import serving_app_python as service

app = service.app
service.Batcher = functools.partial(service.Batcher, deadline=60)
"""


@contextmanager
def serving(folder, module):
    """``uvicorn module:app`` in ``folder``, on a free port of loopback.

    Both its pipes are read all the time (a full one would stop it), and after two
    minutes it is killed, which ends every wait of a test for it.
    """
    shutil.copy(PROGRAMS / "serving_app_python.py", folder)
    (folder / "gated.py").write_text(GATE, encoding="utf-8")
    (folder / "patient.py").write_text(PATIENT, encoding="utf-8")
    command = [sys.executable, "-m", "uvicorn", f"{module}:app", "--port", "0"]
    command += ["--timeout-graceful-shutdown", "20"]
    pipes = dict.fromkeys(["stdin", "stdout", "stderr"], subprocess.PIPE)
    process = subprocess.Popen(
        command, cwd=folder, encoding="utf-8", errors="replace", **pipes
    )
    process.said, process.log = queues.SimpleQueue(), []
    started = threading.Event()

    def listen():
        for line in process.stdout:
            process.said.put(line)

    def note():
        for line in process.stderr:
            process.log.append(line)
            if found := re.search(r"running on http://127\.0\.0\.1:(\d+)", line):
                process.port = int(found[1])
                started.set()
        started.set()  # it ended

    process.readers = [threading.Thread(target=each) for each in (listen, note)]
    guard = threading.Timer(120, process.kill)
    for thread in (guard, *process.readers):
        thread.start()
    try:
        assert started.wait(120) and hasattr(process, "port"), "".join(process.log)
        yield process
    finally:
        guard.cancel()
        process.kill()
        process.wait(60)
        for thread in process.readers:
            thread.join(60)
        for pipe in (process.stdin, process.stdout, process.stderr):
            pipe.close()


def ended(server):
    """Its exit status and all that it still had to say, once it is gone."""
    status = server.wait(60)
    for thread in server.readers:
        thread.join(60)
    rest = [server.said.get() for _ in range(server.said.qsize())]
    return status, "".join(rest), "".join(server.log)


def asked(port, i):
    """Status and first probability of row ``i``; ``None`` where no answer came."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        body = json.dumps({"rows": [X[i].tolist()]})
        line.request("POST", "/predict", body, {"content-type": "application/json"})
        said = line.getresponse()
        found = json.loads(said.read())
        return said.status, found.get("probabilities", [None])[0]
    except (OSError, http.client.HTTPException):
        return None
    finally:
        line.close()


def right(i):
    return 200, pytest.approx(float(BAD[i]), rel=0, abs=1e-9)


def test_a_real_server_answers_good_bad_and_two_hundred_requests(tmp_path):
    with ThreadPoolExecutor(20) as pool, serving(tmp_path, "patient") as server:
        line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        for method, path, body, status in (
            ("GET", "/health/live", None, 200),
            ("GET", "/health/ready", None, 200),
            ("POST", "/predict", '{"rows": [[NaN]]}', 422),
            ("POST", "/predict", " " * 65537, 413),
            ("GET", "/predict", None, 405),
            ("GET", "/", None, 404),
        ):
            line.request(method, path, body, {"content-type": "application/json"})
            said = line.getresponse()
            said.read()
            assert said.status == status
        line.close()
        answers = list(pool.map(lambda i: asked(server.port, i), range(200)))
        assert answers == [right(i) for i in range(200)]


needs_sigterm = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no SIGTERM that a process can catch"
)


@needs_sigterm
def test_a_server_told_to_stop_in_mid_request_answers_all_it_accepted(tmp_path):
    with ThreadPoolExecutor(6) as pool, serving(tmp_path, "gated") as server:
        answers = [pool.submit(asked, server.port, i) for i in range(6)]
        for _ in range(6):
            assert server.said.get(timeout=60) == "accepted\n"
        assert not any(a.done() for a in answers)
        server.send_signal(signal.SIGTERM)
        eventually(lambda: not asked_door(server.port))
        assert asked(server.port, 0) is None
        server.stdin.close()  # the gate opens
        assert [a.result(60) for a in answers] == [right(i) for i in range(6)]
        status, _, log = ended(server)
        assert status == -signal.SIGTERM  # uvicorn raises it again at the end
        assert "Application shutdown complete" in log


def asked_door(port):
    """Whether anyone still listens."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=60).close()
    except ConnectionRefusedError:
        return False
    except ConnectionResetError:
        pass  # the door is just being shut
    return True


@needs_sigterm
def test_a_server_killed_in_mid_request_loses_all_it_accepted(tmp_path):
    with ThreadPoolExecutor(6) as pool, serving(tmp_path, "gated") as server:
        answers = [pool.submit(asked, server.port, i) for i in range(6)]
        for _ in range(6):
            assert server.said.get(timeout=60) == "accepted\n"
        server.kill()
        assert [a.result(60) for a in answers] == [None] * 6
        assert server.wait(60) == -signal.SIGKILL


@needs_sigterm
def test_under_load_every_answer_that_the_log_claims_has_arrived(tmp_path):
    with ThreadPoolExecutor(20) as pool, serving(tmp_path, "patient") as server:
        answered = threading.Semaphore(0)

        def keep_asking(i):
            """One answer after the other, until none comes."""
            found = []
            while answer := asked(server.port, i % len(X)):
                found.append((i % len(X), answer))
                answered.release()
                i += 20
            return found

        clients = [pool.submit(keep_asking, i) for i in range(20)]
        for _ in range(100):
            assert answered.acquire(timeout=60)
        server.send_signal(signal.SIGTERM)
        arrived = [pair for each in clients for pair in each.result(60)]
        status, out, _ = ended(server)
        assert status == -signal.SIGTERM
        assert all(answer == right(i) for i, answer in arrived)
        claimed = len(re.findall('"POST /predict HTTP/1.1" 200', out))
        assert claimed == len(arrived) >= 100


# --- the stop, in this process --------------------------------------------------------


def test_the_stop_answers_five_and_refuses_a_sixth(stop):
    text = stop.printed_by["graceful"]
    assert after(text, "停止以前收下的五个：") == [200] * 5
    assert line_of(text, "停止以后再来的：").strip() == "ConnectionRefusedError"


def test_without_a_drain_all_five_fail(stop):
    assert after(stop.printed_by["hard"], "一秒也不等，收下的五个：") == [500] * 5


def test_a_drain_shorter_than_the_model_loses_them_too(stop):
    _, answers = stop.stopped_halfway(drain=1, open_at_once=False)
    assert answers == [500] * 5


# --- the manifests --------------------------------------------------------------------


def fences(language):
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```", page(), re.M | re.S)
    return [textwrap.dedent(body) for _, body in found]


def manifests():
    each = (doc for body in fences("yaml") for doc in yaml.safe_load_all(body))
    return {doc["kind"]: doc for doc in each}


def command():
    (text,) = fences("dockerfile")
    (line,) = re.findall(r"^CMD (.*)$", text.replace("\\\n", " "), re.M)
    return json.loads(line)  # the form that gets the signals


def option(name):
    return command()[command().index(name) + 1]


def container():
    (only,) = manifests()["Deployment"]["spec"]["template"]["spec"]["containers"]
    return only


def test_the_manifests_are_valid_for_the_version_that_the_page_names():
    kinds = manifests()
    assert set(kinds) == {"Deployment", "Service", "PodDisruptionBudget"}
    assert "Kubernetes 1.37" in page()
    for doc in kinds.values():
        kubernetes_validate.validate(doc, "1.37", strict=True)


def test_a_misspelt_field_would_be_found():
    doc = manifests()["Deployment"]
    doc["spec"]["template"]["spec"]["terminationGracePeriodsSeconds"] = 30
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(doc, "1.37", strict=True)


def test_the_ports_of_image_deployment_and_service_are_one():
    (port,) = {p["containerPort"] for p in container()["ports"]}
    (service,) = manifests()["Service"]["spec"]["ports"]
    (text,) = fences("dockerfile")
    assert str(port) == option("--port")
    assert service["targetPort"] == port
    assert f"\nEXPOSE {port}\n" in text
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container()[probe]["httpGet"]["port"] == port


def test_the_probes_ask_paths_that_the_service_has(client):
    asks = {
        probe: container()[probe]["httpGet"]["path"]
        for probe in ("startupProbe", "livenessProbe", "readinessProbe")
    }
    assert asks["livenessProbe"] == "/health/live"
    assert asks["readinessProbe"] == "/health/ready"
    assert {client.get(path).status_code for path in asks.values()} == {200}


def test_the_grace_period_is_longer_than_the_pause_and_the_drain():
    grace = manifests()["Deployment"]["spec"]["template"]["spec"]
    pause = container()["lifecycle"]["preStop"]["sleep"]["seconds"]
    drain = int(option("--timeout-graceful-shutdown"))
    assert grace["terminationGracePeriodSeconds"] > pause + drain


def test_a_drain_is_longer_than_the_deadline_of_a_request(service):
    assert int(option("--timeout-graceful-shutdown")) > service.DEADLINE


def test_all_three_manifests_choose_the_same_pods():
    kinds = manifests()
    labels = kinds["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert kinds["Deployment"]["spec"]["selector"]["matchLabels"] == labels
    assert kinds["Service"]["spec"]["selector"] == labels
    assert kinds["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    assert (
        kinds["PodDisruptionBudget"]["spec"]["minAvailable"]
        < kinds["Deployment"]["spec"]["replicas"]
    )


def test_the_image_runs_the_service_without_rights_and_with_pinned_packages():
    (text,) = fences("dockerfile")
    assert command()[:2] == ["uvicorn", "serving_app_python:app"]
    (user,) = re.findall(r"^USER (\d+)$", text, re.M)
    assert int(user) > 0
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    (install,) = re.findall(r"pip install (.*?)\n(?=[A-Z])", text, re.S)
    packages = re.findall(r"[a-z][a-z-]+(?=\s|$)", install.partition(".txt")[2])
    assert set(packages) == {
        "fastapi",
        "uvicorn",
        "onnx",
        "onnxruntime",
        "scikit-learn",
    }
    for name in packages:
        assert re.search(rf"^{name}==", pins, re.M), name


# --- practice -------------------------------------------------------------------------

PRACTICE = ROOT / "snippets/frameworks/serving_practice_numpy.py"
SOLUTION = """
def batches(arrivals, max_batch, max_wait, cost0, cost1):
    found, left, free = [], 0, 0
    while left < len(arrivals):
        first = max(arrivals[left], free)
        until = first + max_wait
        who = [i for i in range(left, len(arrivals)) if arrivals[i] <= until]
        who = who[:max_batch]
        full = len(who) == max_batch
        leave = max(first, arrivals[who[-1]]) if full else until
        found.append((leave, who))
        free = leave + cost0 + cost1 * len(who)
        left += len(who)
    return found
"""
WRONG = [
    ("max(arrivals[left], free)", "arrivals[left]"),  # the worker is never busy
    ("first + max_wait", "arrivals[left] + max_wait"),  # the wait from the arrival
    ("arrivals[i] <= until", "arrivals[i] < until"),  # without the last moment
    ("        who = who[:max_batch]\n", ""),  # no limit
    (" if full else until", ""),  # never waits for the time to be up
    ("max(first, arrivals[who[-1]]) if full else until", "until"),  # full, yet waits
    ("max(first, arrivals[who[-1]])", "arrivals[who[-1]]"),  # leaves while busy
    ("max(first, arrivals[who[-1]])", "first"),  # leaves before it is full
    ("cost1 * len(who)", "cost1"),
    ("cost0 + cost1 * len(who)", "(cost0 + cost1) * len(who)"),
    ("leave + cost0", "first + cost0"),  # the wait costs nothing
    ("len(who) == max_batch", "len(who) >= 2"),
    ("found.append((leave, who))", "found.append((leave, len(who)))"),
    ("found.append((leave, who))", "found.append((first, who))"),
    ("left += len(who)", "left += max_batch"),
    ("    return found\n", ""),
    ("found, left, free = [], 0, 0", "found, left, free = [], 0, arrivals[0]"),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_a_walk_through_events_gives(case):
    _, given, expected, _ = case
    assert by_clock(**given) == expected


def test_the_batches_of_the_page_pass_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total == 6


def test_no_wrong_batches_pass_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, WRONG[2]) in page()
