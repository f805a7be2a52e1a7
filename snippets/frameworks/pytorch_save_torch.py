# --8<-- [start:state]
import copy

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(3, 2)
torch.save(model.state_dict(), "model.pt")
state = torch.load("model.pt", map_location="cpu")  # 在哪台机器存的都行
print(f"读回的是 {type(state).__name__}，键：{list(state)}")
fresh = nn.Linear(3, 2)
fresh.load_state_dict(state)
print("参数相同：", torch.equal(fresh.weight, model.weight))
# --8<-- [end:state]

# --8<-- [start:alias]
kept = model.state_dict()  # 里面是参数本身，不是副本
copied = copy.deepcopy(kept)
with torch.no_grad():
    model.bias.fill_(7.0)
print("继续训练以后，没有复制的：", kept["bias"].tolist())
print("复制过的还是原来的：", torch.equal(copied["bias"], fresh.bias))
# --8<-- [end:alias]


# --8<-- [start:whole]
def said(action):
    """报错的类名与开头；没有报错就是「读回来了」。"""
    try:
        action()
    except Exception as error:
        return f"{type(error).__name__}：{str(error)[:24]}"
    return "读回来了"


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 2)


torch.save(Model(), "whole.pt")  # 连类的名字一起存
print("默认：", said(lambda: torch.load("whole.pt")))
again = torch.load("whole.pt", weights_only=False)
print("weights_only=False：", type(again).__name__)
del Model  # 像是换了一个项目，类不在了
lost = said(lambda: torch.load("whole.pt", weights_only=False))
print("类不在时：", lost.split("：")[0])
# --8<-- [end:whole]


# --8<-- [start:pickle]
class Surprise:
    def __reduce__(self):  # pickle 问：怎样把你造回来？
        return print, ("文件里的代码运行了",)  # 答：调用这个函数


torch.save({"weight": torch.ones(2), "note": Surprise()}, "gift.pt")
print("weights_only=False：")
torch.load("gift.pt", weights_only=False)
print("默认：")
print(said(lambda: torch.load("gift.pt")))
# --8<-- [end:pickle]


# --8<-- [start:allow]
class Config:
    def __init__(self, width):
        self.width = width


torch.save({"weight": torch.ones(2), "config": Config(8)}, "config.pt")
print("没有许可：", said(lambda: torch.load("config.pt")))
with torch.serialization.safe_globals([Config]):
    print("许可以后：", torch.load("config.pt")["config"].width)
torch.save({"weight": torch.ones(2), "config": {"width": 8}}, "plain.pt")
print("存成字典：", torch.load("plain.pt")["config"]["width"])
# --8<-- [end:allow]

# --8<-- [start:views]
big = torch.arange(100_000.0)
few = big[:10]
for name, x in [("切片", few), ("切片的 clone", few.clone())]:
    torch.save(x, "few.pt")
    loaded = torch.load("few.pt")
    stored = loaded.untyped_storage().nbytes() // loaded.element_size()
    print(f"{name}：{len(loaded)} 个数，文件里存了 {stored} 个")
torch.save([big, few], "two.pt")
one, other = torch.load("two.pt")
one[0] = -1.0
print("一起存的视图还连着：", other[0].item() == -1.0)
# --8<-- [end:views]
