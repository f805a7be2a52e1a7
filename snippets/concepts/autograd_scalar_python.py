# --8<-- [start:record]
from collections import Counter, defaultdict

tape = []  # 记录带：算出来的每个数，按先后


class Number:
    """一个数；sources 的每项是（来源, 局部导数）。"""

    def __init__(self, value, *sources):
        self.value, self.sources = value, sources
        tape.append(self)

    def __add__(self, other):
        return Number(self.value + other.value, (self, 1), (other, 1))

    def __mul__(self, other):
        a, b = self.value, other.value
        return Number(a * b, (self, b), (other, a))


a, b = Number(2), Number(3)
c = a * b
d = c + a
f = c * d
# --8<-- [end:record]

# --8<-- [start:backward]
products = Counter()  # 数一数两种走法各做了多少次乘法


def backward(result):
    """result 对每个数的导数：倒着走一趟。"""
    grad = defaultdict(int, {result: 1})
    for number in reversed(tape):
        for source, local in number.sources:
            grad[source] += grad[number] * local
            products["反向"] += 1
    return grad


grad = backward(f)
for name, number in zip("fdcba", (f, d, c, b, a), strict=True):
    print(f"{name} = {number.value}，f 对它的导数 {grad[number]}")
# --8<-- [end:backward]


# --8<-- [start:forward]
def forward(start):
    """每个数对 start 的导数：顺着走一趟。"""
    slope = defaultdict(int, {start: 1})
    for number in tape:
        for source, local in number.sources:
            slope[number] += slope[source] * local
            products["前向"] += 1
    return slope


for name, start in ("a", a), ("b", b):
    slope = forward(start)
    shown = [slope[number] for number in (c, d, f)]
    print(f"c、d、f 对 {name} 的导数：", *shown)
# --8<-- [end:forward]

# --8<-- [start:cost]
for n in 1, 10, 100:
    tape.clear()
    products.clear()
    inputs = [Number(i) for i in range(n)]
    loss = Number(0)
    for x in inputs:
        loss = loss + x * x
    backward(loss)  # 一趟，得到全部 n 个偏导数
    for x in inputs:
        forward(x)  # 一趟，只得到一个
    ahead, back = products["前向"], products["反向"]
    print(f"{n} 个输入：前向 {ahead} 次乘法，反向 {back} 次")
# --8<-- [end:cost]
