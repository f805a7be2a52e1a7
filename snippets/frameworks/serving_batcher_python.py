# --8<-- [start:batcher]
import asyncio
import threading

QUEUE, MAX_BATCH, MAX_WAIT, DEADLINE = 64, 16, 0.005, 1.0  # 个、个、秒、秒


class Batcher:
    def __init__(self, run, size=QUEUE, deadline=DEADLINE):
        self.run, self.deadline, self.accepting = run, deadline, True
        self.queue = asyncio.Queue(size)  # 有上限，满了就拒绝
        self.worker = asyncio.create_task(self.work())

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

    # --8<-- [start:worker]
    async def collect(self):
        batch = [await self.queue.get()]
        until = asyncio.get_running_loop().time() + MAX_WAIT
        while len(batch) < MAX_BATCH:
            try:
                async with asyncio.timeout_at(until):
                    batch.append(await self.queue.get())
            except TimeoutError:
                break
        return batch

    async def work(self):
        while True:
            batch = await self.collect()
            live = [(rows, a) for rows, a in batch if not a.done()]
            try:  # 过时的、取消的不算；模型在线程里算，不挡事件循环
                await asyncio.to_thread(self.run, live)
            except Exception as error:
                for _, answer in live:
                    answer.done() or answer.set_exception(error)
            for _ in batch:
                self.queue.task_done()
# --8<-- [end:worker]
