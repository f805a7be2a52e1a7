# --8<-- [start:unbiased]
import re
from math import comb


def pass_at_k(n, c, k):
    """采 n 份、对 c 份：从中任取 k 份，至少一份对的机会。"""
    return 1 - comb(n - c, k) / comb(n, k)


for k in (1, 2):
    plain = 1 - (1 - 2 / 5) ** k  # 把 2/5 当作真的机会，连错 k 次
    print(f"pass@{k}：任取 {pass_at_k(5, 2, k):.2f}，代入 {plain:.2f}")
# --8<-- [end:unbiased]

# --8<-- [start:bias]
p, n, k = 2 / 5, 5, 2  # 真的机会；每题采几份；pass@2
chance = [comb(n, c) * p**c * (1 - p) ** (n - c) for c in range(n + 1)]
taken = sum(w * pass_at_k(n, c, k) for c, w in enumerate(chance))
plugged = sum(w * (1 - (1 - c / n) ** k) for c, w in enumerate(chance))
print(f"真值 {1 - (1 - p) ** k:.3f}，任取的平均 {taken:.3f}", end="，")
print(f"代入的平均 {plugged:.3f}")
# --8<-- [end:bias]

# --8<-- [start:run]
head = "def median(x):\n    x, m = sorted(x), len(x) // 2\n"
bodies = ["return x[m]", "return (x[m] + x[-m - 1]) / 2"]
bodies += ["return sum(x) / len(x)", "return middle(x)"]
tests = "assert f([3, 1, 2]) == 2; assert f([9, 1, 3, 2]) == 2.5; assert f([7]) == 7"


def verdict(body):
    """跑一份代码与三条断言；这不是沙箱，真的要放进容器，限时、断网。"""
    names = {"__builtins__": {"sorted": sorted, "len": len, "sum": sum}}
    try:
        exec(f"{head}    {body}\nf = median\n{tests}", names)
    except Exception as error:
        return type(error).__name__
    return "过"


found = [verdict(body) for body in bodies]
n, c = len(found), found.count("过")
print("，".join(found))
print(f"{n} 份过了 {c} 份：pass@1 {pass_at_k(n, c, 1):.2f}", end="，")
print(f"pass@2 {pass_at_k(n, c, 2):.2f}")
# --8<-- [end:run]

# --8<-- [start:misuse]
n, c = 164, 50  # 164 道题，每题只采一份，对了 50 道
print(f"当作一题采了 {n} 份：pass@10 {pass_at_k(n, c, 10):.3f}")
print(f"真正知道的：pass@1 {c / n:.3f}")
# --8<-- [end:misuse]


# --8<-- [start:exact]
def after_marks(text):
    """GSM8K 的约定：答案写在四个井号之后。"""
    found = re.search(r"#### (-?[\d.,]+)", text)
    return found[1].replace(",", "") if found else text


def last_number(text):
    found = re.findall(r"-?\d[\d,]*(?:\.\d+)?", text)
    return found[-1].replace(",", "") if found else text


answers = ["1234", "#### 1,234", "一共 1,234 元。"]  # 三个都对
ways = {"逐字相等": str, "取井号之后": after_marks, "取最后一个数": last_number}
for name, way in ways.items():
    print(f"{name}：对 {sum(way(text) == '1234' for text in answers)} 个")
print("「不到 1,234 元」也算对：", last_number("不到 1,234 元") == "1234")
# --8<-- [end:exact]
