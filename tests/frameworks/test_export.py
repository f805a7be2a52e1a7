"""The export page: a graph by hand, torch.export, ONNX, SavedModel, LiteRT, int8.

References that the programs never call: exact fractions, the networks written anew in
NumPy with double precision, ``onnx.parser`` for the model by hand, PyTorch's own
quantised tensors, TensorFlow's interpreter with its reference kernels for what the
programs run in LiteRT's, and for the practice a graph of DequantizeLinear, Gemm and
QuantizeLinear in ONNX Runtime.
"""

import operator
from fractions import Fraction
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import tensorflow as tf
import torch
from onnx import TensorProto, helper, numpy_helper
from scipy.special import erf, expit, softmax
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, numbers

CPU = ["CPUExecutionProvider"]


def listed(text):
    """The numbers of 「1，2；3」."""
    return [float(x) for x in text.replace("；", "，").split("，")]


def truth(text, start):
    return {"True": True, "False": False}[line_of(text, start).strip()]


@pytest.fixture
def by_hand(run_snippet):
    return run_snippet("frameworks/export_hand_numpy")


@pytest.fixture
def onnx_torch(run_snippet):
    return run_snippet("frameworks/export_onnx_torch")


@pytest.fixture
def decoder(run_snippet):
    return run_snippet("frameworks/export_graph_torch")


@pytest.fixture
def saved(run_snippet):
    return run_snippet("frameworks/export_savedmodel_tf")


@pytest.fixture
def litert(run_snippet):
    return run_snippet("frameworks/export_litert_tf")


@pytest.fixture
def int8(run_snippet):
    return run_snippet("frameworks/export_int8_numpy")


# --- by hand ------------------------------------------------------------------

BY_HAND = """<ir_version: 10, opset_import: ["" : 18]>
hand (float[n,2] x) => (float[n,1] y)
<float[2,2] W = {1, -1, 2, 1}, float[2] b = {-1, -3}, float[2,1] v = {2, 5}>
{
  a = MatMul (x, W)
  z = Add (a, b)
  h = Relu (z)
  y = MatMul (h, v)
}"""


def parsed():
    """The same model, written as text; its weights are kept as bytes."""
    model = onnx.parser.parse_model(BY_HAND)
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor).copy()
        tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    for node in model.graph.node:
        node.ClearField("domain")  # the text form writes down the empty one, too
    return model


def test_the_values_by_hand_are_those_of_pytorch(by_hand):
    x, W = torch.tensor([1.0, 2]), torch.tensor([[1.0, -1], [2, 1]])
    a = x @ W
    z = a + torch.tensor([-1.0, -3])
    h = z.relu()
    y = h @ torch.tensor([2.0, 5])
    said = by_hand.printed_by["run"]
    for start, want in [
        ("a = MatMul(x, W)：", a),
        ("z = Add(a, b)：", z),
        ("h = Relu(z)：", h),
        ("y = MatMul(h, v)：", y[None]),
    ]:
        assert listed(line_of(said, start)) == want.tolist()


def test_the_model_by_hand_is_the_one_of_the_text_form(by_hand):
    given = np.array([[1, 2], [3, -1], [0, 0]], np.float32)
    theirs, ours = (
        onnxruntime.InferenceSession(m.SerializeToString(), providers=CPU)
        for m in (parsed(), by_hand.model)
    )
    assert (ours.run(None, {"x": given})[0] == theirs.run(None, {"x": given})[0]).all()
    said = line_of(by_hand.printed_by["library"], "ONNX Runtime 的 y：")
    y = theirs.run(None, {"x": given[:1]})[0].item()
    assert said == f"{y:g}，与解释器相同：True"


def test_the_interpreter_runs_other_inputs_as_the_text_form(by_hand):
    given = np.array([[5, -2], [-1, 4]], np.float32)
    session = onnxruntime.InferenceSession(parsed().SerializeToString(), providers=CPU)
    values = by_hand.run(by_hand.nodes, by_hand.weights, {"x": given})
    assert (values["y"] == session.run(None, {"x": given})[0]).all()


def test_the_bytes_are_those_of_the_text_form(by_hand):
    said, model = by_hand.printed_by["size"], parsed()
    total, weights = len(model.SerializeToString()), 4 * (4 + 2 + 2)
    # a field is a byte of tag, a byte of length, then its letters
    fields = ["x", "W", "a", "MatMul", "a", "b", "z", "Add", "z", "h", "Relu"]
    fields += ["h", "v", "y", "MatMul"]
    nodes = sum(2 + len(field) for field in fields)
    assert after(said, "文件") == [total]
    assert after(said, "其中权重的数") == [weights, nodes]
    assert after(said, "其余（名字、形状、版本）") == [total - weights - nodes]


def test_the_trace_keeps_the_branch_of_its_example(by_hand):
    said = by_hand.printed_by["replay"]
    assert line_of(said, "追踪 x = 3，记下的运算：").strip() == "[('double', 'x')]"
    for given in (3, -4):
        true = max(2 * given, -given)  # the same function, without an if
        assert after(said, f"输入 {given}：") == [true, 2 * given]


def test_a_trace_of_the_other_example_keeps_the_other_branch(by_hand):
    tape = []
    by_hand.f(by_hand.Traced(-4, "x", tape))
    ((op, source),) = tape
    assert (source, by_hand.replay[op](-4), by_hand.replay[op](3)) == ("x", 4, -3)


# --- the classifier in ONNX, from PyTorch -------------------------------------


def probabilities(module, rows):
    """The classifier in eval mode, in double precision."""
    w = {k: v.double().numpy() for k, v in module.state_dict().items()}
    x = (rows.double().numpy() - w["mean"]) / w["std"]
    h = x @ w["hidden.weight"].T + w["hidden.bias"]
    h = (h - w["norm.running_mean"]) / np.sqrt(w["norm.running_var"] + 1e-5)
    h = np.maximum(h * w["norm.weight"] + w["norm.bias"], 0)
    return expit(h @ w["out.weight"].T + w["out.bias"])


@pytest.fixture
def exported(onnx_torch):
    """The state that was exported: what ran in train mode later moved the averages."""
    return onnx_torch.exact, onnx_torch.test_x


def test_the_exported_classifier_computes_what_the_formulas_say(onnx_torch, exported):
    want = probabilities(*exported)
    for n in (1, 2, 7, 114):
        given = onnx_torch.test_x[:n].numpy()
        (p,) = onnx_torch.session.run(["p"], {"x": given})
        np.testing.assert_allclose(p, want[:n], rtol=0, atol=2e-6)
    for n in (1, 7, 114):
        said = line_of(onnx_torch.printed_by["compare"], f"{n} 行，形状 ")
        assert said == f"({n}, 1)，差不超过舍入的 10 倍：True"


def test_the_yardstick_is_the_rounding_of_the_eager_classifier(onnx_torch, exported):
    want = probabilities(*exported)
    rounding = np.abs(want - onnx_torch.eager.numpy()).max()
    assert onnx_torch.rounding == pytest.approx(rounding, rel=1e-3, abs=0)
    assert 1e-9 < rounding < 1e-6


def test_the_classifier_is_right_as_often_as_printed(onnx_torch, exported):
    right = ((probabilities(*exported) > 0.5) == onnx_torch.test_y.numpy()).mean()
    said = line_of(onnx_torch.printed_by["train"], "测试集 ")
    assert said == f"{len(onnx_torch.test_y)} 例，准确率超过 0.9：{right > 0.9}"
    assert 0.93 < right < 1 and len(onnx_torch.test_y) == 114
    assert onnx_torch.right == pytest.approx(right, abs=1e-6)


def test_the_classifier_holds_the_mean_and_deviation_of_the_training_rows(onnx_torch):
    train, test, train_y, test_y = split(0.2)
    np.testing.assert_array_equal(onnx_torch.test_x.numpy(), np.float32(test))
    np.testing.assert_array_equal(onnx_torch.test_y.numpy()[:, 0], test_y)
    np.testing.assert_array_equal(onnx_torch.train_y.numpy()[:, 0], train_y)
    weights = onnx.load(Path(onnx_torch.__file__).with_name("net.onnx")).graph
    kept = {t.name: numpy_helper.to_array(t) for t in weights.initializer}
    np.testing.assert_allclose(kept["mean"], train.mean(0), rtol=1e-5)
    np.testing.assert_allclose(kept["std"], train.std(0, ddof=1), rtol=1e-4)
    assert sum(p.numel() for p in onnx_torch.model.parameters()) == 545


def test_the_file_differs_from_pytorch_by_rounding_only(onnx_torch, exported):
    eager = onnx_torch.eager.numpy()
    rounding = np.abs(probabilities(*exported) - eager).max()
    for n in (1, 7, 114):
        given = onnx_torch.test_x[:n].numpy()
        (p,) = onnx_torch.session.run(["p"], {"x": given})
        assert np.abs(p - eager[:n]).max() <= 10 * rounding


def test_the_graph_is_the_network_with_the_normalisation_folded_in(onnx_torch):
    said = onnx_torch.printed_by["export"]
    assert line_of(said, "算子：").strip() == "Sub，Div，Gemm，Relu，Gemm，Sigmoid"
    names = line_of(said, "权重：").strip().split("，")
    assert set(names) == {
        *("mean", "std", "hidden.weight", "hidden.bias", "out.weight", "out.bias")
    }
    assert line_of(said, "写出的文件：").strip() == "net.onnx，net.onnx.data"
    assert line_of(said, "输入 x ") == "['n', 30] tensor(float)"
    assert line_of(said, "输出 p ") == "['n', 1]"


def test_a_forgotten_eval_leaves_a_dropout_which_the_optimiser_takes_out(
    onnx_torch, exported
):
    said = onnx_torch.printed_by["forgot"]
    assert "Relu，Dropout，Gemm" in line_of(said, "算子：")
    given = {"x": onnx_torch.test_x.numpy()}
    (p,), (again,) = (onnx_torch.forgot.run(["p"], given) for _ in range(2))
    same = bool((p == again).all())
    assert same and truth(said, "默认，文件算两遍，结果相同：") is same
    want = probabilities(*exported)
    np.testing.assert_allclose(p, want, rtol=0, atol=2e-6)
    assert not truth(said, "默认的结果与 eval 模式的 PyTorch 比，差超过 0.01：")
    assert truth(said, "默认的结果与 train 模式的 PyTorch 比，差超过 0.01：")
    assert np.abs(onnx_torch.training.numpy() - want).max() > 0.1


def test_the_file_as_written_drops_units_at_random(onnx_torch, exported):
    path = Path(onnx_torch.__file__).with_name("train.onnx")
    graph = onnx.load(path).graph
    (drop,) = (n for n in graph.node if n.op_type == "Dropout")
    kept = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    assert [kept[name].item() for name in drop.input[1:]] == [0.5, True]
    said = onnx_torch.printed_by["forgot"]
    assert not truth(said, "关掉图优化，文件算两遍，结果相同：")
    given = {"x": onnx_torch.test_x.numpy()}
    runs = [onnx_torch.as_written.run(["p"], given)[0] for _ in range(2)]
    want = probabilities(*exported)
    assert all(np.abs(p - want).max() > 0.1 for p in runs)
    assert np.abs(runs[0] - runs[1]).max() > 0.1


def test_a_batch_not_said_to_vary_is_frozen(onnx_torch):
    said = onnx_torch.printed_by["fixed"]
    assert line_of(said, "输入").strip() == "[2, 30]"
    assert numbers(line_of(said, "InvalidArgument："))[-3:] == [0, 7, 2]
    (p,) = onnx_torch.fixed.run(["p"], {"x": onnx_torch.test_x[:2].numpy()})
    assert p.shape == (2, 1)


# --- torch.export -------------------------------------------------------------


def logits(module, tokens):
    """The decoder in double precision, head by head."""
    w = {k: v.double().numpy() for k, v in module.state_dict().items()}

    def norm(x, name):
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)
        return scaled * w[f"{name}.weight"] + w[f"{name}.bias"]

    def linear(x, name):
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    n = len(tokens)
    x = w["word.weight"][tokens] + w["place.weight"][:n]
    mixed = np.zeros((n, 16))
    parts = linear(norm(x, "norm1"), "qkv")
    for head in range(2):
        q, k, v = (parts[:, 16 * i + 8 * head :][:, :8] for i in range(3))
        scores = np.where(np.tri(n), q @ k.T / np.sqrt(8), -np.inf)
        mixed[:, 8 * head :][:, :8] = softmax(scores, 1) @ v
    x = x + linear(mixed, "mix")
    wide = linear(norm(x, "norm2"), "wide")
    x = x + linear(wide * (1 + erf(wide / np.sqrt(2))) / 2, "back")
    return x @ w["word.weight"].T


@pytest.mark.parametrize("n", [1, 5, 32])
def test_the_exported_decoder_computes_what_the_formulas_say(decoder, n):
    tokens = torch.arange(n)[None] % 20
    want = logits(decoder.model, tokens[0].numpy())
    for got in (decoder.exported(tokens), decoder.loaded(tokens)):
        np.testing.assert_allclose(got[0].detach().numpy(), want, rtol=0, atol=2e-5)
    np.testing.assert_allclose(decoder.by_onnx(tokens)[0], want, rtol=0, atol=2e-5)


def test_the_eight_tokens_are_those_of_the_formulas(decoder):
    tokens = [3, 1, 4, 1, 5]
    for _ in range(8):
        tokens.append(int(logits(decoder.model, np.array(tokens))[-1].argmax()))
    said = decoder.printed_by["onnx"]
    assert after(said, "PyTorch 续写 8 个：") == tokens[5:]
    assert truth(said, "ONNX Runtime 相同：") is (decoder.theirs == tokens)
    assert line_of(said, "ONNX 的输入 tokens：") == "tensor(int64)，长度可变 True"
    (entry,) = decoder.session.get_inputs()
    assert isinstance(entry.shape[1], str) and entry.shape[0] == 1


def test_the_graph_holds_each_operation_of_the_forward_once(decoder):
    said = decoder.printed_by["graph"]
    (counted, *_) = after(said, "图里的运算")
    per_name = {
        "sym_size": 1,
        "embedding": 1,
        "slice": 1,
        "add": 3,
        "layer_norm": 2,
        "linear": 4,
        "unflatten": 1,
        "transpose": 2,
        "unbind": 1,
        "getitem": 3,
        "scaled_dot_product_attention": 1,
        "flatten": 1,
        "gelu": 1,
        "numpy_T": 1,
        "matmul": 1,
    }
    assert counted == sum(per_name.values())
    most = line_of(said, "最多的：").strip()
    assert (
        most
        == "linear.default 4 次，add.Tensor 3 次，getitem 3 次，layer_norm.default 2 次"
    )
    assert after(said, "参数") == [len(list(decoder.model.parameters()))]
    firsts = [line.split(" = ")[0].strip() for line in said.splitlines()[1:7]]
    assert [name.rstrip("_0123456789") for name in firsts] == [
        *("sym_size_int", "embedding", "slice", "add", "layer_norm", "linear")
    ]


def test_a_length_out_of_the_promised_range_is_refused(decoder):
    said = decoder.printed_by["shapes"]
    assert after(said, "长 1：") == after(said, "长 32：") == [0]
    for n in (1, 32):
        given = 19 - torch.arange(n)[None] % 20
        assert decoder.exported(given).equal(decoder.model(given))
        assert decoder.loaded(given).equal(decoder.model(given))
    assert line_of(said, "长 33：") == "Guard failed: tokens.size()[1] <= 32"


def test_the_condition_is_refused_and_torch_cond_keeps_both_branches(decoder):
    said = decoder.printed_by["control"]
    assert line_of(said, "GuardOnDataDependentSymNode：").startswith("Could not guard")
    assert line_of(said, "torch.cond：").strip() == "[[6.0, 2.0], [3.0, 1.0]]"
    assert truth(decoder.printed_by["save"], "读回来与原来相同：")


def test_the_refused_module_computes_what_torch_cond_computes(decoder):
    for x in (torch.tensor([3.0, 1.0]), torch.tensor([-3.0, 1.0])):
        assert decoder.Gate()(x).equal(decoder.both(x))


# --- Keras: SavedModel and ONNX -----------------------------------------------


def by_formula(saved, rows):
    scale, dense, norm, out = (
        saved.scale,
        saved.hidden[0],
        saved.hidden[1],
        saved.last[1],
    )
    mean, variance = (np.float64(np.ravel(v)) for v in (scale.mean, scale.variance))
    w, b = map(np.float64, dense.get_weights())
    gamma, beta, running_mean, running_var = map(np.float64, norm.get_weights())
    h = (rows.astype(np.float64) - mean) / np.sqrt(variance) @ w + b
    h = (h - running_mean) / np.sqrt(running_var + 1e-3) * gamma + beta
    w, b = map(np.float64, out.get_weights())
    return expit(np.maximum(h, 0) @ w + b)


def test_the_saved_model_computes_what_the_formulas_say(saved):
    want = by_formula(saved, saved.test_x)
    np.testing.assert_allclose(saved.loaded.serve(saved.test_x), want, atol=5e-6)
    np.testing.assert_allclose(saved.eager, want, rtol=0, atol=5e-6)
    (p,) = saved.session.run(None, {"x": saved.test_x})
    np.testing.assert_allclose(p, want, rtol=0, atol=2e-5)
    for n in (1, 7, 114):
        given, eager = saved.test_x[:n], saved.eager[:n]
        near = np.abs(saved.loaded.serve(given) - eager).max() <= 1e-6
        assert near and truth(
            saved.printed_by["loaded"], f"{n} 行，与原模型的差不超过 1e-6："
        )
        (p,) = saved.session.run(None, {"x": given})
        near = np.abs(p - eager).max() <= 1e-5
        assert near and truth(saved.printed_by["rescaling"], f"{n} 行，差不超过 1e-5：")
    right = ((want > 0.5) == (saved.test_y > 0.5)).mean()
    said = line_of(saved.printed_by["train"], "测试集 ")
    assert said == f"114 例，准确率超过 0.9：{right > 0.9}" and right > 0.92
    assert saved.right == pytest.approx(right, abs=1e-6)


def test_the_normalisation_is_the_mean_and_variance_of_the_training_rows(saved):
    rows = saved.train_x.astype(np.float64)
    np.testing.assert_allclose(np.ravel(saved.scale.mean), rows.mean(0), rtol=1e-4)
    np.testing.assert_allclose(np.ravel(saved.scale.variance), rows.var(0), rtol=1e-3)


def test_the_folder_and_the_archive_hold_what_is_printed(saved):
    said = saved.printed_by["saved"]
    archive = line_of(said, ".keras 里有：").strip().split("，")
    assert archive == ["config.json", "metadata.json", "model.weights.h5"]
    inside = [line.strip("　") for line in said.splitlines()[2:]]
    assert inside == [
        "fingerprint.pb",
        "saved_model.pb",
        "variables/variables.data-00000-of-00001",
        "variables/variables.index",
    ]


def test_the_signature_has_one_input_of_thirty_floats(saved):
    said = saved.printed_by["loaded"]
    assert line_of(said, "签名：").strip() == "serve，serving_default"
    assert line_of(said, "输入 x：") == "(None, 30) float32"
    assert truth(said, "还能 fit：") is False


def test_keras_refuses_the_folder_and_a_layer_reads_it(saved):
    said = saved.printed_by["old"]
    assert "File format not supported" in line_of(said, "ValueError：")
    assert truth(said, "TFSMLayer：差不超过 1e-6：")
    want = by_formula(saved, saved.test_x)
    np.testing.assert_allclose(saved.wrapped(saved.test_x), want, rtol=0, atol=5e-6)
    assert type(saved.wrapped.layers[-1]).__name__ == "TFSMLayer"
    assert np.abs(saved.wrapped(saved.test_x) - saved.eager).max() <= 1e-6


def test_an_adapted_layer_asks_for_two_inputs_more_in_onnx(saved):
    said = [
        line.split("：")[1].strip() for line in saved.printed_by["onnx"].splitlines()
    ]
    assert said == ["x [30]", "Sub/y:0 [30]", "Sqrt/x:0 [30]"]
    assert (
        line_of(saved.printed_by["rescaling"], "要的输入：").strip() == "[('x', [30])]"
    )


# --- LiteRT -------------------------------------------------------------------


def network(litert, rows):
    """The three layers in double precision."""
    h = rows.astype(np.float64)
    *hidden, last = litert.model.layers
    for layer in hidden:
        w, b = map(np.float64, layer.get_weights())
        h = np.maximum(h @ w + b, 0)
    w, b = map(np.float64, last.get_weights())
    return expit(h @ w + b)


@pytest.fixture(scope="module")
def by_reference():
    """What TensorFlow's interpreter says with its reference kernels."""

    def predict(content, rows):
        kind = tf.lite.experimental.OpResolverType.BUILTIN_REF
        reader = tf.lite.Interpreter(
            model_content=content, experimental_op_resolver_type=kind
        )
        reader.allocate_tensors()
        (entry,), (exit,) = reader.get_input_details(), reader.get_output_details()
        (s_x, z_x), (s_p, z_p) = entry["quantization"], exit["quantization"]
        results = []
        for row in rows:
            if s_x:
                row = np.clip(np.rint(row / np.float32(s_x)) + z_x, -128, 127)
            reader.set_tensor(entry["index"], row[None].astype(entry["dtype"]))
            reader.invoke()
            results.append(float(reader.get_tensor(exit["index"])[0, 0]))
        values = np.array(results)[:, None]
        return s_p * (values - z_p) if s_p else values

    return predict


def split(share=None):
    """Training and test rows and labels, as the data set's own split gives them."""
    rows, labels = load_breast_cancer(return_X_y=True)
    return train_test_split(
        rows, labels, test_size=share, random_state=0, stratify=labels
    )


def test_both_parts_are_standardised_by_the_training_rows(litert):
    train, test, train_y, test_y = split()
    np.testing.assert_array_equal(litert.raw_x, train)
    np.testing.assert_array_equal(litert.train_y[:, 0], train_y)
    np.testing.assert_array_equal(litert.test_y[:, 0], test_y)
    mean = train.sum(0) / len(train)
    variance = (train**2).sum(0) / len(train) - mean**2
    for got, rows in [(litert.train_x, train), (litert.test_x, test)]:
        want = (rows - mean) / np.sqrt(variance)
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-5)


def test_raw_columns_would_share_a_scale_that_flattens_twenty_of_them():
    train, *_ = split()
    s = (train.max() - min(train.min(), 0)) / 255
    flat = sum(len({round(v / s) for v in column}) == 1 for column in train.T)
    means = train.mean(0)
    page = (ROOT / "docs/frameworks/export.md").read_text(encoding="utf-8")
    assert means.max() / means.min() > 10_000
    assert f"最大的列把 $s$ 撑到约 {s:.0f}，有 {flat} 列会整列变成同一个整数" in page


def test_the_float_file_computes_what_the_formulas_say(litert, by_reference):
    want = network(litert, litert.test_x)
    np.testing.assert_allclose(litert.eager, want, rtol=0, atol=2e-6)
    np.testing.assert_allclose(
        litert.predict(litert.plain, litert.test_x), want, rtol=0, atol=2e-6
    )
    said = litert.printed_by["compare"]
    assert line_of(said, "输入 ") == "[1, 30] float32"
    assert truth(said, "浮点文件，143 例，与 Keras 的差不超过 1e-6：")
    count = 30 * 64 + 64 + 64 * 64 + 64 + 64 + 1
    assert numbers(litert.printed_by["train"])[::2] == [count, 4 * count]


def test_the_scale_of_the_input_is_its_range_in_255_steps(litert):
    low, high = litert.train_x.min(), litert.train_x.max()
    s = (high - low) / 255
    said = litert.printed_by["int8"]
    z = round(-128 - low / s)
    assert line_of(said, "输入 ") == f"int8，s = {s:.4g}，z = {z}"
    assert line_of(said, "输出 ") == f"int8，s = {1 / 256:.4g}，z = -128"


def test_the_integer_becomes_a_probability_by_scale_and_zero(litert, by_reference):
    said = litert.printed_by["int8"]
    want = network(litert, litert.test_x)
    k = int(np.abs(want - 0.8).argmin())
    p = by_reference(litert.full, litert.test_x[k : k + 1]).item()
    q, again, zero, printed = after(said, "得到整数 ")
    assert (q, zero) == (again, -128)
    assert abs(q - (256 * p - 128)) <= 1
    assert printed == pytest.approx((q + 128) / 256, abs=0.005)
    assert after(said, "Keras 的概率") == [pytest.approx(want[k, 0], abs=0.005)]
    s, z = litert.entry["quantization"]
    fed = s * (litert.row.astype(float) - z)
    inside = np.clip(litert.test_x[k : k + 1], s * (-128 - z), s * (127 - z))
    assert np.abs(fed - inside).max() <= s / 2 + 1e-6


@pytest.mark.parametrize(
    "section, start, samples",
    [
        ("cost", "浮点：", None),
        ("cost", "权重 int8，中间结果存浮点：", "easy"),
        ("cost", "全部 int8：", lambda ns: ns.train_x),
        ("range", "样例缩小到十分之一：", lambda ns: ns.train_x / 10),
        ("range", "样例没有标准化：", lambda ns: ns.raw_x),
    ],
)
def test_the_costs_are_those_of_the_reference_kernels(
    litert, by_reference, section, start, samples
):
    if samples is None:
        content = litert.plain
    elif samples == "easy":
        content = litert.convert(easy=True)
    else:
        content = litert.convert(samples=samples(litert))
    p, exact = by_reference(content, litert.test_x), network(litert, litert.test_x)
    share, right, flips, change = after(litert.printed_by[section], start)
    assert share == pytest.approx(len(content) / len(litert.plain), abs=0.006)
    assert right == ((p > 0.5) == litert.test_y).sum()
    assert flips == ((p > 0.5) != (exact > 0.5)).sum()
    assert change == pytest.approx(np.abs(p - exact).max(), abs=0.011)


# --- int8 by hand -------------------------------------------------------------


def test_the_integers_are_those_of_a_quantised_tensor(int8):
    said = int8.printed_by["affine"]
    r = torch.tensor([-1.0, 0, 0.63, 4], dtype=torch.float32)
    q = torch.quantize_per_tensor(r, 1 / 50, -78, torch.qint8)
    assert listed(line_of(said, "整数：")) == q.int_repr().tolist()
    back = q.dequantize().numpy()
    np.testing.assert_allclose(listed(line_of(said, "还原：")), back, atol=1e-6)
    far = torch.quantize_per_tensor(torch.tensor(9.0), 1 / 50, -78, torch.qint8)
    assert after(said, "区间外的 9 还原成") == [pytest.approx(far.dequantize().item())]


def test_halves_go_to_the_even_neighbour(int8):
    said = line_of(int8.printed_by["affine"], "正中间的 0.5，1.5，2.5，-0.5 变成")
    assert listed(said) == [round(Fraction(n, 2)) for n in (1, 3, 5, -1)]


def dot(rows, x, b):
    """W x + b in exact numbers."""
    terms = ((map(operator.mul, row, x), c) for row, c in zip(rows, b, strict=True))
    return [sum(products) + c for products, c in terms]


def test_the_dense_layer_by_hand_is_that_of_exact_fractions(int8):
    said = int8.printed_by["dense"]
    x = [Fraction(1), Fraction(1, 2), Fraction(-1)]
    w = [[Fraction(n, 4) for n in row] for row in ([2, -4, 1], [4, 2, -1])]
    b = [Fraction(1, 2), Fraction(-1, 4)]
    x_q = [64 * v + 10 for v in x]
    w_q = [[100 * v for v in row] for row in w]
    b_q = [6400 * v for v in b]
    acc = dot(w_q, [v - 10 for v in x_q], b_q)
    y_q = [round(Fraction(v, 6400) * 40) - 20 for v in acc]
    assert listed(line_of(said, "x 的整数：")) == x_q
    assert listed(line_of(said, "W 的整数：")) == sum(w_q, [])
    assert listed(line_of(said, "偏置的整数：")) == b_q
    assert listed(line_of(said, "累加器：")) == acc
    assert after(said, "M = ") == [40 / 6400, *y_q]
    assert listed(line_of(said, "还原：")) == [Fraction(v + 20, 40) for v in y_q]
    assert listed(line_of(said, "浮点：")) == dot(w, x, b)


def test_one_scale_a_row_saves_the_small_rows(int8):
    said = int8.printed_by["channel"]
    big = np.random.default_rng(0).uniform(-0.5, 0.5, (4, 64))
    big[0] *= 100
    values = torch.tensor(big)
    s = values.abs().amax(1) / 127
    zero = torch.zeros(4, dtype=torch.int32)
    rows = torch.fake_quantize_per_channel_affine(
        values.float(), s.float(), zero, 0, -128, 127
    )
    whole = torch.fake_quantize_per_tensor_affine(
        values.float(), s.max().item(), 0, -128, 127
    )
    for name, got in [("整个矩阵一个 s", whole), ("一行一个 s", rows)]:
        share = ((got - values).abs().amax(1) / values.abs().amax(1)).numpy() * 100
        printed = [
            float(x.rstrip("%"))
            for x in line_of(said, f"{name}，各行误差：").split("，")
        ]
        np.testing.assert_allclose(printed, share, rtol=0, atol=0.06)


def test_the_operator_of_onnx_gives_the_integers_without_the_bias(int8):
    said = line_of(int8.printed_by["library"], "ONNX Runtime：")
    products = [[50, -100, 25], [100, 50, -25]]
    x = [64, 32, -64]
    sums = dot(products, x, [0, 0])
    want = [round(Fraction(v, 160)) - 20 for v in sums]
    assert said == f"{want[0]}，{want[1]}；与手算相同：True"


# --- practice -----------------------------------------------------------------

PRACTICE = ROOT / "snippets/frameworks/export_practice_numpy.py"
SOLUTION = """
def quantized_dense(x_q, w_q, b_q, x_scale, x_zero, w_scale, y_scale, y_zero):
    x = x_q.astype(np.int32) - x_zero
    total = x @ w_q.astype(np.int32).T + b_q
    y = np.rint(total * (x_scale * w_scale / y_scale)) + y_zero
    return np.clip(y, -128, 127).astype(np.int8)
"""
WRONG = [
    ("x_q.astype(np.int32) - x_zero", "(x_q - np.int8(x_zero)).astype(np.int32)"),
    ("x_q.astype(np.int32) - x_zero", "x_q.astype(np.int32)"),
    ("x_q.astype(np.int32) - x_zero", "x_q.astype(np.int32) + x_zero"),
    ("w_q.astype(np.int32).T", "w_q.astype(np.int32)"),
    ("x @ w_q.astype(np.int32).T", "x.astype(np.int16) @ w_q.astype(np.int16).T"),
    (" + b_q", ""),
    ("(x_scale * w_scale / y_scale)", "(x_scale * w_scale)"),
    ("x_scale * w_scale / y_scale", "x_scale * w_scale[0] / y_scale"),
    ("x_scale * w_scale / y_scale", "x_scale * w_scale.max() / y_scale"),
    ("x_scale * w_scale / y_scale", "w_scale / y_scale"),
    (
        "np.rint(total * (x_scale * w_scale / y_scale))",
        "np.floor(total * (x_scale * w_scale / y_scale) + 0.5)",
    ),
    (
        "np.rint(total * (x_scale * w_scale / y_scale)) + y_zero",
        "np.rint(total * (x_scale * w_scale / y_scale) + y_zero)",
    ),
    (
        "np.rint(total * (x_scale * w_scale / y_scale))",
        "np.trunc(total * (x_scale * w_scale / y_scale))",
    ),
    (") + y_zero", ")"),
    ("np.clip(y, -128, 127).astype(np.int8)", "y.astype(np.int64).astype(np.int8)"),
    ("-128, 127", "-127, 127"),
    ("-128, 127", "0, 255"),
]


def by_onnx_runtime(x_q, w_q, b_q, x_scale, x_zero, w_scale, y_scale, y_zero):
    """Back to floats, a dense layer, to int8; exact, the scales are powers of two."""
    kept = {
        "s_x": np.float32(x_scale),
        "z_x": np.int8(x_zero),
        "w": w_q,
        "s_w": np.float32(w_scale),
        "b": b_q,
        "s_b": np.float32(x_scale * w_scale),
        "s_y": np.float32(y_scale),
        "z_y": np.int8(y_zero),
    }
    nodes = [
        helper.make_node("DequantizeLinear", ["x", "s_x", "z_x"], ["xf"]),
        helper.make_node("DequantizeLinear", ["w", "s_w"], ["wf"], axis=0),
        helper.make_node("DequantizeLinear", ["b", "s_b"], ["bf"], axis=0),
        helper.make_node("Gemm", ["xf", "wf", "bf"], ["yf"], transB=1),
        helper.make_node("QuantizeLinear", ["yf", "s_y", "z_y"], ["y"]),
    ]
    ends = [
        helper.make_tensor_value_info(n, TensorProto.INT8, [None, None]) for n in "xy"
    ]
    weights = [numpy_helper.from_array(np.asarray(v), k) for k, v in kept.items()]
    graph = helper.make_graph(nodes, "dense", ends[:1], ends[1:], weights)
    opset = [helper.make_opsetid("", 18)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=10)
    options = onnxruntime.SessionOptions()
    level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.graph_optimization_level = level
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=CPU
    )
    return session.run(None, {"x": x_q})[0]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_onnx_runtime_gives(case):
    _, given, expected, _ = case
    assert by_onnx_runtime(**given).tolist() == expected


def test_the_dense_layer_of_the_page_passes_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total


def test_no_wrong_dense_layer_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    page = (ROOT / "docs/frameworks/export.md").read_text(encoding="utf-8")
    assert practice.failing(PRACTICE, SOLUTION, WRONG[0]) in page
