# --8<-- [start:batcher]
import asyncio
import threading

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


# --8<-- [start:batches]
seen, started, gate = [], threading.Event(), threading.Event()


def model(requests):
    """假的模型：记下每一批，平方；门关着就等门开。"""
    seen.append(list(requests))
    started.set()
    gate.wait(20)
    return [x**2 for x in requests]


async def together():
    gate.set()
    batcher = Batcher(model)
    answers = await asyncio.gather(*(batcher.submit(i) for i in range(20)))
    print("20 个一起来，各批：" + "，".join(f"{len(b)} 个" for b in seen))
    print("各得各的答复：", answers == [i**2 for i in range(20)])
    await batcher.close()


asyncio.run(asyncio.wait_for(together(), 20))
# --8<-- [end:batches]


# --8<-- [start:failures]
async def failures():
    def shown(results):
        return [r if isinstance(r, int) else type(r).__name__ for r in results]

    seen.clear()
    batcher = Batcher(model, size=3, deadline=None)
    some = [batcher.submit(x) for x in (1, 2, "三")]
    print("坏了一个：", shown(await asyncio.gather(*some, return_exceptions=True)))
    print("  模型算过：", seen)
    gate.clear(), started.clear(), seen.clear()
    tasks = [asyncio.create_task(batcher.submit(1))]
    await asyncio.to_thread(started.wait, 20)  # 模型正忙，门关着
    tasks += [asyncio.create_task(batcher.submit(x)) for x in range(2, 7)]
    await asyncio.sleep(0)  # 让五个都排到队里：只有三个位置
    tasks[1].cancel()
    gate.set()
    print("六个：", shown(await asyncio.gather(*tasks, return_exceptions=True)))
    batcher.deadline = 0
    late = await asyncio.gather(batcher.submit(8), return_exceptions=True)
    await batcher.close()
    print("时限是 0：", shown(late))
    print("  模型算过：", seen)


asyncio.run(asyncio.wait_for(failures(), 20))
# --8<-- [end:failures]
