# --8<-- [start:weights]
GB = 10**9
params = 6_738_415_616  # Llama 2 7B
layers, kv_heads, head = 32, 32, 128
weights = 2 * params  # bf16：一个数 2 字节
print(f"权重：{weights / GB:.2f} GB")
# --8<-- [end:weights]


# --8<-- [start:cache]
# 每读一个词元，每层的每个头各存一个键、一个值
token = 2 * layers * kv_heads * head * 2
print(f"一个词元的键值缓存：{token:,} 字节")
one = 4096 * token  # 读满 4096 个词元
print(f"一个用户读满 4096 个词元：{one / GB:.2f} GB")
print(f"十个这样的用户：{10 * one / GB:.2f} GB")
# --8<-- [end:cache]


# --8<-- [start:left]
usable = 24 * GB * 9 // 10  # 留一成给驱动、临时空间与碎片
left = usable - weights
print(f"24 GB 的卡，去掉一成与权重，还剩：{left / GB:.2f} GB")
print(f"同时容得下读满的用户：{left // one} 个")
grouped = one * 8 // kv_heads  # 四个查询头合用一组键和值
print(f"若键、值只有 8 个头，容得下：{left // grouped} 个")
# --8<-- [end:left]
