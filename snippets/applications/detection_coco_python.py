# --8<-- [start:import]
import contextlib
import io

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

# --8<-- [end:import]


# --8<-- [start:judge]
def judge(truths, detections, first=1):
    """truths：（图，框）；detections：（图，得分，框）；框是 x、y、宽、高。"""
    rows = [
        {"id": k, "image_id": image, "category_id": 1, "bbox": box}
        | {"area": box[2] * box[3], "iscrowd": 0}
        for k, (image, box) in enumerate(truths, first)
    ]
    found = [
        {"image_id": image, "score": score, "category_id": 1, "bbox": box}
        for image, score, box in detections
    ]
    # 没有真值的图也要列出来，那里的框才会算错
    images = {row[0] for row in [*truths, *detections]}
    with contextlib.redirect_stdout(io.StringIO()):  # 它会印耗时
        coco = COCO()
        coco.dataset = {
            "info": {},  # 2.0.9 与 2.0.10 版缺了它就报错
            "images": [{"id": image} for image in images],
            "annotations": rows,
            "categories": [{"id": 1, "name": "数字"}],
        }
        coco.createIndex()
        exam = COCOeval(coco, coco.loadRes(found), iouType="bbox")
        exam.evaluate()
        exam.accumulate()
        exam.summarize()
    return exam.stats


# --8<-- [end:judge]


# --8<-- [start:hand]
truths = [(1, [0, 0, 6, 6]), (1, [40, 0, 6, 6]), (2, [0, 0, 6, 6])]
detections = [
    (1, 0.9, [0, 0, 6, 6]),
    (1, 0.8, [1, 0, 6, 6]),
    (2, 0.7, [40, 0, 6, 6]),
    (2, 0.6, [1, 0, 6, 6]),
    (1, 0.5, [42, 0, 6, 6]),
]
stats = judge(truths, detections)
for name, value in zip(("AP@[.50:.95]", "AP50", "AP75"), stats, strict=False):
    print(f"{name} = {value:.4f}")
# --8<-- [end:hand]


# --8<-- [start:areas]
for name, value in zip(("小", "中", "大"), stats[3:6], strict=True):
    print(f"{name}物体的 AP：{value:.4f}")
# --8<-- [end:areas]


# --8<-- [start:ids]
row = [(1, [9 * k, 0, 6, 6]) for k in range(120)]  # 一张图，120 个物体
copied = [(image, 1 - k / 200, box) for k, (image, box) in enumerate(row)]
for first in (1, 0):  # 前 10 个真值原样交上去
    value = judge(row[:10], copied[:10], first)[0]
    print(f"编号从 {first} 起：AP = {value:.3f}")
# --8<-- [end:ids]


# --8<-- [start:hundred]
print(f"120 个真值原样交上去：AP = {judge(row, copied)[0]:.3f}")
# --8<-- [end:hundred]
