# --8<-- [start:model]
import asyncio
import threading
from contextlib import asynccontextmanager
from typing import Annotated

import numpy as np
import onnxruntime as ort
from fastapi import FastAPI, HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from onnx import TensorProto, helper, numpy_helper
from pydantic import BaseModel, ConfigDict, Field
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

VERSION = "breast-cancer-1"

# --8<-- [end:model]


# --8<-- [start:export]
def exported():
    """训练一次，写成 ONNX：标准化并进权重，剩下 Gemm 与 Sigmoid。"""
    x, target = load_breast_cancer(return_X_y=True)
    y = (target == 0).astype(int)  # 数据集里 0 是恶性；这里把恶性记为 1
    scaler = StandardScaler().fit(x)
    line = LogisticRegression().fit(scaler.transform(x), y)
    w = line.coef_.T / scaler.scale_[:, None]  # (30, 1)
    b = line.intercept_ - scaler.mean_ @ w
    nodes = [
        helper.make_node("Gemm", ["rows", "w", "b"], ["z"]),
        helper.make_node("Sigmoid", ["z"], ["p"]),
    ]
    rows = helper.make_tensor_value_info("rows", TensorProto.DOUBLE, ["n", 30])
    p = helper.make_tensor_value_info("p", TensorProto.DOUBLE, ["n", 1])
    kept = [numpy_helper.from_array(w, "w"), numpy_helper.from_array(b, "b")]
    graph = helper.make_graph(nodes, "line", [rows], [p], kept)
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=10)
    return model.SerializeToString()


# --8<-- [end:export]

# --8<-- [start:session]
options = ort.SessionOptions()
options.intra_op_num_threads = 1  # 不让每个进程都占满所有的核
session = ort.InferenceSession(exported(), options)


def run(requests):
    """一批请求，每个是若干行；拼成一个矩阵，算一次，再分开。"""
    sizes = [len(rows) for rows in requests]
    (p,) = session.run(None, {"rows": np.concatenate(requests)})
    return [part.tolist() for part in np.split(p[:, 0], np.cumsum(sizes)[:-1])]


# --8<-- [end:session]


# --8<-- [start:schema]
Measured = Annotated[float, Field(ge=0, le=1e5, allow_inf_nan=False)]
Row = Annotated[list[Measured], Field(min_length=30, max_length=30)]


class Query(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    rows: Annotated[list[Row], Field(min_length=1, max_length=64)]


class Answer(BaseModel):
    probabilities: list[float]  # 恶性的概率，一行一个
    model: str


# --8<-- [end:schema]

# --8<-- [start:batcher]
QUEUE, MAX_BATCH, MAX_WAIT, DEADLINE = 64, 16, 0.005, 1.0  # 个、个、秒、秒


class Batcher:
    def __init__(self, run, size=QUEUE, deadline=DEADLINE):
        self.run, self.deadline, self.accepting = run, deadline, True
        self.queue = asyncio.Queue(size)  # 有上限，满了就拒绝
        self.worker = asyncio.create_task(work(self))

    async def submit(self, rows):
        if not self.accepting:
            raise asyncio.QueueFull
        answer = asyncio.get_running_loop().create_future()
        self.queue.put_nowait((rows, answer))  # 满了：QueueFull
        async with asyncio.timeout(self.deadline):  # 过时：TimeoutError
            return await answer

    async def close(self):
        self.accepting = False  # 先不收新的，再把收下的做完
        await self.queue.join()
        self.worker.cancel()


# --8<-- [end:batcher]


# --8<-- [start:collect]
async def collect(queue):
    batch = [await queue.get()]
    until = asyncio.get_running_loop().time() + MAX_WAIT
    while len(batch) < MAX_BATCH:
        try:
            async with asyncio.timeout_at(until):
                batch.append(await queue.get())
        except TimeoutError:
            break
    return batch


async def work(batcher):
    while True:
        batch = await collect(batcher.queue)
        live = [(rows, a) for rows, a in batch if not a.done()]
        if live:  # 过时的、取消的，不再算
            await compute(batcher.run, live)
        for _ in batch:
            batcher.queue.task_done()


# --8<-- [end:collect]


# --8<-- [start:compute]
async def compute(run, live):
    try:  # 在线程里算，事件循环还能答别的
        results = await asyncio.to_thread(run, [rows for rows, _ in live])
        pairs = list(zip(live, results, strict=True))
    except Exception as error:
        if len(live) > 1:  # 一个坏的不连累别的：分开再算
            for one in live:
                await compute(run, [one])
        elif not live[0][1].done():
            live[0][1].set_exception(error)
        return
    for (_, answer), result in pairs:
        if not answer.done():  # 算的时候可能已经过时
            answer.set_result(result)


# --8<-- [end:compute]


# --8<-- [start:routes]
@asynccontextmanager
async def lifespan(app):
    app.state.batcher = Batcher(run)
    yield  # 服务从这里开始，收到停止的信号以后回到这里
    await app.state.batcher.close()


app = FastAPI(lifespan=lifespan, max_body_size=64 * 1024)  # 更大的：413


@app.exception_handler(RequestValidationError)
async def invalid(request, error):
    """默认的答复会抄回输入：NaN 写不成 JSON，病人的数据也不该抄。"""
    faults = [{"loc": e["loc"], "msg": e["msg"]} for e in error.errors()]
    return JSONResponse({"detail": faults}, 422)


# --8<-- [end:routes]


# --8<-- [start:health]
@app.get("/health/live")
async def live():
    """进程该不该重启：只看算批的任务还在不在。"""
    if app.state.batcher.worker.done():
        raise HTTPException(503, "算批的任务没有了")
    return {"live": True}


@app.get("/health/ready")
async def ready():
    """请求该不该送来：队列满了、正在停，就先不要送。"""
    batcher = app.state.batcher
    if batcher.queue.full() or not batcher.accepting:
        raise HTTPException(503, "先不要送请求来")
    return {"ready": True, "model": VERSION}


# --8<-- [end:health]


# --8<-- [start:predict]
@app.post("/predict")
async def predict(query: Query) -> Answer:
    try:
        found = await app.state.batcher.submit(np.array(query.rows))
    except asyncio.QueueFull:
        raise HTTPException(503, "排满了", headers={"Retry-After": "1"}) from None
    except TimeoutError:
        raise HTTPException(504, f"{DEADLINE:g} 秒内没有算完") from None
    return Answer(probabilities=found, model=VERSION)


# --8<-- [end:predict]


# --8<-- [start:good]
if __name__ == "__main__":  # uvicorn 只要上面的 app，不会走到这里
    from fastapi.testclient import TestClient

    x = load_breast_cancer().data[[0, 40]].tolist()
    with TestClient(app) as client:  # 进去：开始；出来：停止
        for path in ("/health/live", "/health/ready"):
            print(f"{path}：{client.get(path).status_code}")
        answer = client.post("/predict", json={"rows": x}).json()
    print("恶性的概率：", [round(p, 3) for p in answer["probabilities"]])
    print("模型的版本：", answer["model"])
# --8<-- [end:good]

# --8<-- [start:refused]
if __name__ == "__main__":
    text = '{"rows": [[' + "1, " * 29 + "%s]]}"
    bodies = {
        "29 个数": text.replace("1, ", "", 1) % 1,
        "NaN": text % "NaN",
        "Infinity": text % "Infinity",
        "负数": text % "-1",
        "写成文字的数": text % '"1"',
        "没有行": '{"rows": []}',
        "多一个字段": text.replace("{", '{"row": 1, ') % 1,
        "括号没有关上": '{"rows": [[',
        "65537 字节": " " * 65537,
    }
    kind = {"content-type": "application/json"}
    with TestClient(app) as client:
        for name, body in bodies.items():
            said = client.post("/predict", content=body, headers=kind)
            why = said.json()["detail"][0]["msg"] if said.status_code == 422 else ""
            print(f"{name}：{said.status_code} {why}".strip())
        print("text/plain：", client.post("/predict", content=text % 1).status_code)
        print("GET /predict：", client.get("/predict").status_code)
        print("POST /predicts：", client.post("/predicts").status_code)
# --8<-- [end:refused]

# --8<-- [start:stuck]
if __name__ == "__main__":
    gate = threading.Event()
    with TestClient(app) as client:
        batcher = app.state.batcher
        batcher.run = lambda requests: gate.wait(20) and run(requests)  # 模型卡住了
        said = client.post("/predict", json={"rows": x})
        print(f"模型卡住：{said.status_code}，{said.json()['detail']}")
        batcher.accepting = False
        said = client.post("/predict", json={"rows": x})
        wait = said.headers["Retry-After"]
        print(f"正在停：{said.status_code}，{wait} 秒以后再试")
        print("正在停，/health/ready：", client.get("/health/ready").status_code)
        gate.set()
# --8<-- [end:stuck]
