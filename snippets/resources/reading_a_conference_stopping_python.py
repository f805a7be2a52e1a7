# --8<-- [start:stopping]
print("没排上来的有 5000 篇，随机抽 c 篇细看，一篇相关的也没有：")
for c in (30, 60, 150, 300):
    share = 1 - 0.05 ** (1 / c)  # (1 - share)^c = 0.05
    print(f"c = {c:3d}  相关比例的 95% 上限 {share:.3f}", end="，")
    print(f"即至多 {5000 * share:3.0f} 篇")
# --8<-- [end:stopping]
