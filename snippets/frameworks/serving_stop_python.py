# --8<-- [start:server]
import asyncio
import http.client
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import uvicorn
from fastapi import FastAPI

app = FastAPI()
inside, gate = threading.Semaphore(0), threading.Event()


@app.post("/predict")
async def predict():
    inside.release()  # 收下了一个
    await asyncio.to_thread(gate.wait, 60)  # 模型还在算，等门开
    return {"ok": True}


# --8<-- [end:server]


# --8<-- [start:clients]
def ask(address):
    """一个客户：得到的状态码，没有答复就是 None。"""
    client = http.client.HTTPConnection(*address, timeout=60)
    try:
        client.request("POST", "/predict")
        return client.getresponse().status
    except (ConnectionError, http.client.HTTPException):
        return None


def knock(address):
    """一直敲门，直到不再有人应，最多敲 20 秒。"""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            socket.create_connection(address, timeout=5).close()
        except ConnectionRefusedError as error:
            return type(error).__name__
        except ConnectionResetError:
            pass  # 正在关门的那一刻，再敲一次


# --8<-- [end:clients]


# --8<-- [start:stop]
def stopped_halfway(drain, open_at_once):
    """收下五个，算到一半时停止，最多等 drain 秒；返回各得到什么。"""
    gate.clear()
    listening = socket.create_server(("127.0.0.1", 0))  # 0：哪个端口空就用哪个
    address = listening.getsockname()
    config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=drain)
    server = uvicorn.Server(config)
    serving = threading.Thread(target=server.run, args=([listening],))
    serving.start()
    with ThreadPoolExecutor(5) as clients:
        asked = [clients.submit(ask, address) for _ in range(5)]
        for _ in range(5):
            inside.acquire(timeout=20)  # 等到五个都收下
        server.should_exit = True  # uvicorn 收到 SIGTERM，做的也是这一句
        sixth = knock(address)
        if open_at_once:
            gate.set()  # 门在停止的途中打开
        answers = [each.result() for each in asked]
    gate.set()
    serving.join(60)
    return sixth, answers


# --8<-- [end:stop]

# --8<-- [start:graceful]
sixth, answers = stopped_halfway(drain=30, open_at_once=True)
print("停止以后再来的：", sixth)
print("停止以前收下的五个：", answers)
# --8<-- [end:graceful]

# --8<-- [start:hard]
sixth, answers = stopped_halfway(drain=0, open_at_once=False)
print("一秒也不等，收下的五个：", answers)
# --8<-- [end:hard]
