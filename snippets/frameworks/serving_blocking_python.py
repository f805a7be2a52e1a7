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
        asked.wait(20 if in_thread else 1)  # 算到有人来过；直接调用时等不到
        events.append("模型算完")

    if in_thread:
        await asyncio.to_thread(slow_model)
    else:
        slow_model()  # 写在 async def 里的普通调用
    await asyncio.to_thread(asked.wait, 20)
    return " → ".join(events)


print("直接调用：", asyncio.run(order(in_thread=False)))
print("放进线程：", asyncio.run(order(in_thread=True)))
# --8<-- [end:blocking]
