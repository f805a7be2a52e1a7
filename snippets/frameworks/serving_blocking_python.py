# --8<-- [start:blocking]
import asyncio
import threading


async def order(in_thread):
    events, asked = [], threading.Event()
    loop = asyncio.get_running_loop()

    def health():
        events.append("健康检查")
        asked.set()

    def slow_model():
        events.append("模型开始")
        loop.call_soon_threadsafe(health)  # 这时来了健康检查
        asked.wait(2)  # 模型还要算一阵
        events.append("模型算完")

    if in_thread:
        await asyncio.to_thread(slow_model)
    else:
        slow_model()  # 写在 async def 里的普通调用
    await asyncio.to_thread(asked.wait)
    return " → ".join(events)


print("直接调用：", asyncio.run(order(in_thread=False)))
print("放进线程：", asyncio.run(order(in_thread=True)))
# --8<-- [end:blocking]
