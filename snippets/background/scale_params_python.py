# --8<-- [start:gpt]
from typing import NamedTuple


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


# --8<-- [start:config]
class Config(NamedTuple):
    """DeepSeek-V3 的配置；默认值就是它公布的数。"""

    vocab: int = 129280
    width: int = 7168
    layers: int = 61
    dense_layers: int = 3  # 前几层仍是普通的前馈
    heads: int = 128
    q_rank: int = 1536  # 查询先压到多少维
    kv_rank: int = 512  # 键与值共用的压缩维数
    nope: int = 128  # 每个头里不带位置信息的维数
    rope: int = 64  # 每个头里带旋转位置编码的维数
    v_head: int = 128
    hidden: int = 18432  # 普通前馈的宽
    expert: int = 2048  # 一个专家的宽
    experts: int = 256
    shared: int = 1  # 人人都用的专家
    chosen: int = 8  # 每个词元挑几个


# --8<-- [end:config]


# --8<-- [start:deepseek]
def deepseek(c):
    """多头潜在注意力（MLA）；除前几层外，前馈都换成混合专家。返回总参数与激活参数。"""
    # 查询、键与值都是先压缩，再展开
    query = c.width * c.q_rank + c.q_rank * c.heads * (c.nope + c.rope)
    key_value = c.width * (c.kv_rank + c.rope)
    key_value += c.kv_rank * c.heads * (c.nope + c.v_head)
    attention = query + key_value + c.heads * c.v_head * c.width
    sparse_layers = c.layers - c.dense_layers
    one_expert = sparse_layers * 3 * c.width * c.expert
    router = sparse_layers * c.experts * c.width
    # 普通前馈、共享专家与路由器，每个词元都用
    always = c.dense_layers * 3 * c.width * c.hidden + c.shared * one_expert + router
    norms = c.layers * (2 * c.width + c.q_rank + c.kv_rank) + c.width
    total = {
        "嵌入": c.vocab * c.width,
        "注意力": c.layers * attention,
        "前馈": always + c.experts * one_expert,
        "归一化": norms,
        "输出层": c.vocab * c.width,
    }
    return total, total | {"前馈": always + c.chosen * one_expert}


# --8<-- [end:deepseek]

# --8<-- [start:count]
v3_total, v3_active = deepseek(Config())
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
layer = deepseek(Config(layers=62))[0]
width = Config().width
# 多词元预测：再加一层，外加一个 2d→d 的投影和三个归一化
extra = sum(layer.values()) - total + 2 * width**2 + 3 * width
print(f"激活 {active / 1e9:.2f} B，不算输入嵌入 {lookup_free / 1e9:.2f} B")
print(f"多词元预测独有 {extra / 1e9:.2f} B")
print(f"连同嵌入与输出层的副本 {(total + extra + 2 * ends) / 1e9:.1f} B")
# --8<-- [end:claims]
