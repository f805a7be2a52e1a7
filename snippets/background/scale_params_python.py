# --8<-- [start:gpt]
def gpt(vocab, width, layers, context=0, embed_norm=False):
    """GPT-2、GPT-3、BLOOM：多头注意力，前馈宽 4 倍，都带偏置，输出层与词嵌入共用。"""
    norm = 2 * width  # 层归一化：增益与偏置
    return {
        "嵌入": (vocab + context) * width,  # context 是学来的位置向量的个数
        "注意力": layers * (4 * width * width + 4 * width),
        "前馈": layers * (2 * 4 * width * width + 4 * width + width),
        "归一化": layers * 2 * norm + norm + embed_norm * norm,
        "输出层": 0,
    }


# --8<-- [end:gpt]


# --8<-- [start:llama]
def llama(vocab, width, layers, heads, kv_heads, hidden):
    """Llama 3.1：分组查询注意力、SwiGLU、RMSNorm，没有偏置，输出层另算。"""
    head = width // heads
    queries_and_output = 2 * width * heads * head
    keys_and_values = 2 * width * kv_heads * head  # 几个查询头合用一组键和值
    return {
        "嵌入": vocab * width,
        "注意力": layers * (queries_and_output + keys_and_values),
        "前馈": layers * 3 * width * hidden,  # 门、升维、降维三个矩阵
        "归一化": layers * 2 * width + width,  # 只有增益
        "输出层": vocab * width,
    }


# --8<-- [end:llama]


# --8<-- [start:deepseek]
def deepseek(
    vocab, width, layers, dense_layers, heads, q_rank, kv_rank, nope, rope,
    v_head, hidden, expert, experts, shared, chosen,
):  # fmt: skip
    """DeepSeek-V3：多头潜在注意力（MLA），除前几层外前馈都换成混合专家。"""
    # 查询、键与值都是先压缩，再展开
    query = width * q_rank + q_rank * heads * (nope + rope)
    key_value = width * (kv_rank + rope) + kv_rank * heads * (nope + v_head)
    attention = query + key_value + heads * v_head * width
    sparse_layers = layers - dense_layers
    always = dense_layers * 3 * width * hidden + sparse_layers * (
        shared * 3 * width * expert + experts * width  # 共享专家与路由器，每次都用
    )
    one_expert = sparse_layers * 3 * width * expert
    norms = layers * (2 * width + q_rank + kv_rank) + width
    total = {
        "嵌入": vocab * width,
        "注意力": layers * attention,
        "前馈": always + experts * one_expert,
        "归一化": norms,
        "输出层": vocab * width,
    }
    return total, total | {"前馈": always + chosen * one_expert}


# --8<-- [end:deepseek]

# --8<-- [start:count]
V3 = dict(vocab=129280, width=7168, layers=61, dense_layers=3, heads=128,
          q_rank=1536, kv_rank=512, nope=128, rope=64, v_head=128, hidden=18432,
          expert=2048, experts=256, shared=1, chosen=8)  # fmt: skip
v3_total, v3_active = deepseek(**V3)
MODELS = {
    "GPT-2": gpt(50257, 768, 12, 1024),
    "GPT-3 175B": gpt(50257, 12288, 96, 2048),
    "BLOOM": gpt(250880, 14336, 70, embed_norm=True),
    "Llama 3.1 8B": llama(128256, 4096, 32, 32, 8, 14336),
    "Llama 3.1 405B": llama(128256, 16384, 126, 128, 8, 53248),
    "DeepSeek-V3": v3_total,
    "　其中每次激活": v3_active,
}
print("模型 | 参数量 | 中文读法 | 嵌入与输出 | 注意力 | 前馈")
for name, parts in MODELS.items():
    n = sum(parts.values())
    groups = parts["嵌入"] + parts["输出层"], parts["注意力"], parts["前馈"]
    shares = " | ".join(f"{group / n:.1%}" for group in groups)
    print(f"{name} | {n:,} | {n / 1e8:,.2f} 亿 | {shares}")
# --8<-- [end:count]

# --8<-- [start:claims]
total, active = sum(v3_total.values()), sum(v3_active.values())
ends = v3_total["嵌入"]  # 输入嵌入与输出层一样大
lookup_free = active - ends  # 查表不做乘法
layer = deepseek(**V3 | {"layers": 62})[0]
# 多词元预测：再加一层，外加一个 2d→d 的投影和三个归一化
extra = sum(layer.values()) - total + 2 * V3["width"] ** 2 + 3 * V3["width"]
print(f"激活 {active / 1e9:.2f} B，不算输入嵌入 {lookup_free / 1e9:.2f} B")
print(f"多词元预测独有 {extra / 1e9:.2f} B")
print(f"连同嵌入与输出层的副本 {(total + extra + 2 * ends) / 1e9:.1f} B")
# --8<-- [end:claims]
