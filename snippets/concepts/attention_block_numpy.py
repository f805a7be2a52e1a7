# --8<-- [start:setup]
import numpy as np

np.set_printoptions(precision=3, suppress=True, floatmode="fixed")
rng = np.random.default_rng(23)

batch, source_len, target_len = 2, 6, 4
d_model, heads, d_ff = 32, 4, 128
source = rng.normal(size=(batch, source_len, d_model)).astype("float32")
target = rng.normal(size=(batch, target_len, d_model)).astype("float32")
lengths = np.array([6, 4])  # 第二句只有 4 个词，后两格是填充


# --8<-- [end:setup]


# --8<-- [start:weights]
def draw(name, weight, size):
    bias = 0.1 * rng.normal(size=size)
    return {
        f"{name}.weight": weight.astype("float32"),
        f"{name}.bias": bias.astype("float32"),
    }


def draw_norm(name):
    return draw(name, 1 + 0.1 * rng.normal(size=d_model), d_model)


def draw_linear(name, fan_in, fan_out):  # 矩阵是 (in, out)
    weight = rng.normal(size=(fan_in, fan_out)) / np.sqrt(fan_in)
    return draw(name, weight, fan_out)


def draw_attention(name):
    drawn = {}
    for part in ["query", "key", "value", "out"]:
        drawn |= draw_linear(f"{name}.{part}", d_model, d_model)
    return drawn


def draw_feed_forward(name):
    up = draw_linear(f"{name}.up", d_model, d_ff)
    return up | draw_linear(f"{name}.down", d_ff, d_model)


# --8<-- [end:weights]

# --8<-- [start:params]
encoder_params = (
    draw_norm("norm1")
    | draw_attention("self_attention")
    | draw_norm("norm2")
    | draw_feed_forward("feed_forward")
)
decoder_params = (
    draw_norm("norm1")
    | draw_attention("self_attention")
    | draw_norm("norm2")
    | draw_attention("cross_attention")
    | draw_norm("norm3")
    | draw_feed_forward("feed_forward")
)
# --8<-- [end:params]


# --8<-- [start:parts]
def softmax(scores):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def linear(x, p, name):
    return x @ p[f"{name}.weight"] + p[f"{name}.bias"]


def layer_norm(x, p, name, eps=1e-5):
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = (centred**2).mean(axis=-1, keepdims=True)
    return centred / np.sqrt(variance + eps) * p[f"{name}.weight"] + p[f"{name}.bias"]


def multi_head_attention(x, memory, p, name, mask):
    def project(t, which):  # (batch, n, d_model) → (batch, head, n, d_k)
        t = linear(t, p, f"{name}.{which}")
        return t.reshape(*t.shape[:2], heads, -1).transpose(0, 2, 1, 3)

    q, k, v = project(x, "query"), project(memory, "key"), project(memory, "value")
    scores = q @ k.mT / np.sqrt(q.shape[-1])
    weights = softmax(np.where(mask, scores, np.finfo(scores.dtype).min)) * mask
    context = (weights @ v).transpose(0, 2, 1, 3).reshape(x.shape)
    return linear(context, p, f"{name}.out")


def feed_forward_network(x, p):
    hidden = np.maximum(linear(x, p, "feed_forward.up"), 0)  # ReLU
    return linear(hidden, p, "feed_forward.down")


# --8<-- [end:parts]


# --8<-- [start:blocks]
def encoder_block(x, p, mask):
    h = layer_norm(x, p, "norm1")
    x = x + multi_head_attention(h, h, p, "self_attention", mask)
    return x + feed_forward_network(layer_norm(x, p, "norm2"), p)


def decoder_block(x, memory, p, self_mask, memory_mask):
    h = layer_norm(x, p, "norm1")
    x = x + multi_head_attention(h, h, p, "self_attention", self_mask)
    h = layer_norm(x, p, "norm2")
    # 查询来自目标，键和值来自编码器；memory 已是编码器的输出，不再归一化
    x = x + multi_head_attention(h, memory, p, "cross_attention", memory_mask)
    return x + feed_forward_network(layer_norm(x, p, "norm3"), p)


# --8<-- [end:blocks]


# --8<-- [start:positions]
def sinusoidal_positions(length, d_model):
    position = np.arange(length)[:, None]
    frequency = 10000.0 ** (-np.arange(0, d_model, 2) / d_model)
    table = np.zeros((length, d_model))
    table[:, 0::2] = np.sin(position * frequency)  # 偶数维
    table[:, 1::2] = np.cos(position * frequency)  # 奇数维
    return table.astype("float32")


# --8<-- [end:positions]


# --8<-- [start:run]
padding = (np.arange(source_len) < lengths[:, None])[:, None, None]  # (b, 1, 1, key)
causal = np.tril(np.ones((target_len, target_len), dtype=bool))  # (query, key)


def encode(source):
    x = source + sinusoidal_positions(source_len, d_model)
    return encoder_block(x, encoder_params, padding)


def decode(target, memory):
    x = target + sinusoidal_positions(target_len, d_model)
    return decoder_block(x, memory, decoder_params, causal, padding)


memory = encode(source)
output = decode(target, memory)
print("编码器", source.shape, "→", memory.shape, " 前 4 维：", memory[0, 0, :4])
print("解码器", target.shape, "→", output.shape, " 前 4 维：", output[0, 0, :4])
# --8<-- [end:run]

# --8<-- [start:count]
mlp = 2 * d_model * d_ff + d_ff + d_model
formula = 4 * d_model**2 + 4 * d_model + mlp + 2 * 2 * d_model
count = sum(p.size for p in encoder_params.values())
print("编码器块的参数：", count, "公式：", formula)
formula = 2 * (4 * d_model**2 + 4 * d_model) + mlp + 3 * 2 * d_model
count = sum(p.size for p in decoder_params.values())
print("解码器块的参数：", count, "公式：", formula)
# --8<-- [end:count]


# --8<-- [start:properties]
def moved(a, b):
    """第 1 句里哪些位置的输出变了：1 是变了，0 是没变。"""
    return (np.abs(a - b).max(axis=-1)[1] > 1e-5).astype(int).tolist()


changed = target.copy()
changed[:, 2] *= -1  # 只改目标的第 2 个词
print("改目标第 2 个词，变了的输出：", moved(output, decode(changed, memory)))

changed = source.copy()
changed[1, 4:] *= -1  # 只改填充格里的内容
print("改源句的填充格，变了的编码：", moved(memory, encode(changed)))
print("改源句的填充格，变了的输出：", moved(output, decode(target, encode(changed))))

order = np.array([1, 0, 3, 2, 4, 5])  # 在有效的 4 个词里两两交换
plain = encoder_block(source, encoder_params, padding)
shuffled = encoder_block(source[:, order], encoder_params, padding)
print("无位置，先打乱再编码对先编码再打乱：", moved(plain[:, order], shuffled))
print("有位置，先打乱再编码对先编码再打乱：", end=" ")
print(moved(memory[:, order], encode(source[:, order])))
# --8<-- [end:properties]
