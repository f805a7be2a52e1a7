"""The definition held against published numbers; the probes against sklearn."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs/concepts/large-model.md"


@pytest.fixture(scope="module")
def rule(run_snippet):
    return run_snippet("concepts/large_model_python")


@pytest.fixture(scope="module")
def transfer(run_snippet):
    return run_snippet("concepts/large_model_transfer_numpy")


def case(rule, name):
    return next(c for c in rule.CASES if c.name == name)


def outline(name):
    """The models themselves, without weights: a second opinion on their size."""
    import transformers as t

    gpt3 = t.GPT2Config(n_embd=12288, n_layer=96, n_head=96, n_positions=2048)
    qwen3 = t.Qwen3Config(
        vocab_size=151936,
        hidden_size=1024,
        intermediate_size=3072,
        num_hidden_layers=28,
        num_attention_heads=16,
        num_key_value_heads=8,
        head_dim=128,
        tie_word_embeddings=True,
    )
    whisper = t.WhisperConfig(
        d_model=1280,
        encoder_layers=32,
        decoder_layers=32,
        encoder_attention_heads=20,
        decoder_attention_heads=20,
        encoder_ffn_dim=5120,
        decoder_ffn_dim=5120,
    )
    sam = t.SamConfig(
        vision_config=t.SamVisionConfig(
            hidden_size=1280,
            num_hidden_layers=32,
            num_attention_heads=16,
            global_attn_indexes=[7, 15, 23, 31],
            mlp_dim=5120,
        )
    )
    esm = t.EsmConfig(
        vocab_size=33,
        hidden_size=1280,
        intermediate_size=5120,
        num_hidden_layers=33,
        num_attention_heads=20,
        max_position_embeddings=1026,
        pad_token_id=1,
    )
    pythia = t.GPTNeoXConfig(
        vocab_size=50304,
        hidden_size=512,
        num_hidden_layers=6,
        num_attention_heads=8,
        intermediate_size=2048,
    )
    build = {
        "Pythia-70M": lambda: t.GPTNeoXForCausalLM(pythia),
        "GPT-3": lambda: t.GPT2Model(gpt3),
        "BERT-base": lambda: t.BertModel(t.BertConfig()),
        "Qwen3-0.6B": lambda: t.Qwen3ForCausalLM(qwen3),
        "CLIP ViT-B/32": lambda: t.CLIPModel(t.CLIPConfig()),
        "Whisper large": lambda: t.WhisperForConditionalGeneration(whisper),
        "SAM ViT-H": lambda: t.SamModel(sam),
        "ESM-1b": lambda: t.EsmModel(esm),
    }[name]
    with torch.device("meta"):
        return build()


def test_sizes_agree_with_the_models_built_by_transformers(rule):
    for name in (
        "GPT-3",
        "BERT-base",
        "Qwen3-0.6B",
        "CLIP ViT-B/32",
        "Whisper large",
        "SAM ViT-H",
        "ESM-1b",
        "Pythia-70M",
    ):
        count = outline(name).num_parameters() / 1e8
        assert case(rule, name).params == pytest.approx(count, rel=0.03), name


def test_without_its_embeddings_qwen3_has_0_44_billion_parameters():
    model = outline("Qwen3-0.6B")
    table = model.get_input_embeddings().weight.numel()
    assert (model.num_parameters() - table) / 1e9 == pytest.approx(0.44, abs=0.005)


def test_training_compute_agrees_with_the_published_estimates(rule):
    published = {  # Epoch AI for Phi-3; the papers of GPT-3 and Llama 3
        "Phi-3-mini": 7.524e22,
        "GPT-3": 3.14e23,
        "Llama 3.1 405B": 3.8e25,
    }
    for name, flops in published.items():
        assert case(rule, name).flops == pytest.approx(flops, rel=0.02), name


def test_the_tokens_are_those_that_the_papers_publish(rule):
    """Qwen3: 36 trillion; DeepSeek-V3: 14.8, and 37 billion active; Pythia: 300 B."""
    published = {
        "Qwen3-0.6B": 6 * 0.6e9 * 36e12,
        "DeepSeek-V3": 6 * 37e9 * 14.8e12,
        "Pythia-70M": 6 * 70e6 * 300e9,
    }
    for name, flops in published.items():
        assert case(rule, name).flops == pytest.approx(flops, rel=1e-9), name
    small = rule.printed_by["flops"].strip().splitlines()[-1]
    assert small == f"Qwen3-0.6B 若不算词嵌入：{6 * 0.44e9 * 36e12:.1e}，过 1e23：False"


def test_bert_is_charged_for_a_million_full_batches(rule):
    tokens = 256 * 512 * 1e6  # the paper: 256 sequences of 512, a million steps
    expected = 6 * outline("BERT-base").num_parameters() * tokens
    assert case(rule, "BERT-base").flops == pytest.approx(expected, rel=0.01)


def test_lenet_has_the_sixty_thousand_weights_of_its_layers(rule):
    """C1, S2, C3 (maps that see 3, 4 or 6 others), S4, C5, F6; the RBFs are fixed."""
    c3 = 6 * (3 * 25 + 1) + 9 * (4 * 25 + 1) + (6 * 25 + 1)
    layers = [6 * (25 + 1), 6 * 2, c3, 16 * 2, 120 * (16 * 25 + 1), 84 * (120 + 1)]
    assert case(rule, "LeNet-5").params * 1e8 == pytest.approx(sum(layers))


def autoencoder_parameters():
    """The image autoencoder of latent diffusion: 128 channels × (1, 2, 4, 4), z = 4."""

    def conv(i, o, k=3):
        return i * o * k * k + o

    def block(i, o):  # two norms, two convolutions, a shortcut where the width changes
        return (
            2 * i + conv(i, o) + 2 * o + conv(o, o) + (conv(i, o, 1) if i != o else 0)
        )

    middle = 2 * block(512, 512) + 2 * 512 + 4 * conv(512, 512, 1)  # with attention
    widths = [128, 128, 256, 512, 512]
    encoder = conv(3, 128) + middle + 2 * 512 + conv(512, 8)
    decoder = conv(4, 512) + middle + 2 * 128 + conv(128, 3)
    for i, o in zip(widths, widths[1:], strict=False):
        encoder += block(i, o) + block(o, o)
    for i, o in zip([512, 512, 512, 256], [512, 512, 256, 128], strict=True):
        decoder += block(i, o) + 2 * block(o, o)
    halvings = conv(128, 128) + conv(256, 256) + conv(512, 512)
    doublings = 2 * conv(512, 512) + conv(256, 256)
    latents = conv(8, 8, 1) + conv(4, 4, 1)
    return encoder + halvings + decoder + doublings + latents


def test_stable_diffusion_counts_its_three_networks(rule):
    from transformers import CLIPTextConfig, CLIPTextModel

    config = CLIPTextConfig(
        hidden_size=768, intermediate_size=3072, num_attention_heads=12
    )
    with torch.device("meta"):
        text = CLIPTextModel(config).num_parameters()
    unet = 860e6  # the README of the release
    assert autoencoder_parameters() == 83_653_863  # the weights of the release
    total = (unet + text + autoencoder_parameters()) / 1e8
    assert case(rule, "Stable Diffusion 1").params == pytest.approx(total, rel=0.005)


def test_the_verdict_is_the_conjunction_of_the_criteria(rule):
    for reading in rule.READINGS.values():
        for c in rule.CASES:
            known = [
                c.weights,
                c.signal in reading.signals,
                len(c.tasks.split()) >= reading.min_tasks,
            ]
            sizes = [
                None if have is None else have >= least
                for have, least in (
                    (c.params, reading.min_params),
                    (c.flops, reading.min_flops),
                )
                if least
            ]
            if not all(known):
                expected = False
            else:  # Kleene's three values: unknown unless something decides
                expected = next((s for s in sizes if s is not True), True)
            assert rule.verdict(c, reading)[0] is expected, (c.name, reading)


def test_each_reading_draws_the_line_that_its_name_says(rule):
    lines = {n: (r.min_params, r.min_flops) for n, r in rule.READINGS.items()}
    assert lines["五：10 亿参数"] == (10, 0)
    assert lines["六：1e23 次运算"] == (0, 1e23)
    assert lines["只问 1 亿参数"] == lines["本书"] == (1, 0)


def test_a_stricter_reading_never_turns_a_no_into_a_yes(rule):
    book = rule.Rule()
    for stricter in (
        book._replace(signals=(rule.SELF,)),
        book._replace(min_tasks=4),
        book._replace(min_params=10),
        book._replace(min_flops=1e23),
    ):
        for c in rule.CASES:
            if rule.verdict(c, book)[0] is False:
                assert rule.verdict(c, stricter)[0] is False, (c.name, stricter)


def test_a_missing_number_gives_no_verdict_rather_than_a_guess(rule):
    unknown = rule.Case("某模型", True, rule.SELF, "甲 乙 丙")
    assert rule.verdict(unknown, rule.Rule())[0] is None


def test_size_alone_would_call_a_recommender_a_large_model(rule):
    only_size = rule.READINGS["只问 1 亿参数"]
    recommender = case(rule, "推荐模型 Persia")
    assert rule.verdict(recommender, only_size)[0] is True
    assert rule.verdict(recommender, rule.Rule())[0] is False


def test_the_table_of_the_page_gives_the_verdicts_of_the_program(rule):
    text = PAGE.read_text(encoding="utf-8")
    table = text.split("{ #cases }")[1].split("\n## ")[0]
    rows = dict(re.findall(r"^\| ([^|]+?) \| (是|否|系统)", table, re.M))
    verdicts = {c.name: rule.verdict(c, rule.Rule())[0] for c in rule.CASES}
    systems = {c.name for c in rule.CASES if not c.weights}
    expected = {
        name: "系统" if name in systems else "是" if ok else "否"
        for name, ok in verdicts.items()
    }
    assert rows == expected


def test_ten_of_the_twenty_cases_never_change(rule):
    readings = [r for n, r in rule.READINGS.items() if n != "只问 1 亿参数"]
    seen = {c.name: {rule.verdict(c, r)[0] for r in readings} for c in rule.CASES}
    firm = [answers for answers in seen.values() if len(answers) == 1]
    assert (len(seen), firm.count({True}), firm.count({False})) == (20, 3, 7)


def test_the_page_names_whom_only_the_line_of_three_tasks_stops(rule):
    """Large enough, and no question of the signal: what remains is the literature."""
    reading = rule.READINGS["二：不问信号"]
    stopped = {
        c.name
        for c in rule.CASES
        if rule.verdict(c, reading)[1].startswith("训练目标之外")
        and (c.params or 0) >= reading.min_params
    }
    sentence = re.search(r"一旦不问信号，(.+?)就只剩这条线", PAGE.read_text("utf-8"))
    assert set(sentence[1].strip().split(" 与")) == stopped


def test_the_exercise_on_whisper_turns_its_verdict_with_the_evidence(rule):
    whisper = case(rule, "Whisper large")
    one = whisper._replace(tasks="声音事件识别")
    assert rule.verdict(whisper, rule.Rule())[0] is True
    assert rule.verdict(one, rule.Rule()) == (False, "训练目标之外的任务 1 种")


def names(line):
    return set(line.partition("：")[2].split("、"))


def test_the_printed_core_is_what_no_reading_changes(rule):
    readings = [r for n, r in rule.READINGS.items() if n != "只问 1 亿参数"]
    seen = {c.name: {rule.verdict(c, r)[0] for r in readings} for c in rule.CASES}
    yes, no = rule.printed_by["sensitivity"].splitlines()[-2:]
    assert yes.startswith("六种改法下都是")
    assert names(yes) == {n for n, answers in seen.items() if answers == {True}}
    assert no.startswith("六种改法下都不是")
    assert names(no) == {n for n, answers in seen.items() if answers == {False}}


def test_the_printed_compute_is_6nd_on_the_right_side_of_the_lines(rule):
    for line in rule.printed_by["flops"].strip().splitlines()[1:-1]:
        name, flops, where = re.fullmatch(r"  (.+?)：(\S+)，(.+)", line).groups()
        known = case(rule, name).flops
        assert float(flops) == pytest.approx(known, rel=0.05)
        sides = {"1e23 以下": 0, "两线之间": 1, "1e25 以上": 2}
        assert sides[where] == (known > 1e23) + (known > 1e25)


@pytest.mark.parametrize("layout", ["", "-tall"])
def test_the_figure_stars_what_some_reading_changes(rule, layout):
    """The stars of figure 2 are the cases whose verdict depends on the reading."""
    path = ROOT / f"docs/assets/figures/large-model-decide{layout}.svg"
    figure = path.read_text("utf-8")
    starred = set(re.findall(r"([A-Za-z][\w .-]*?) ＊", figure))
    readings = [r for n, r in rule.READINGS.items() if n != "只问 1 亿参数"]
    moving = {
        c.name for c in rule.CASES if len({rule.verdict(c, r)[0] for r in readings}) > 1
    }
    assert len(starred) == len(moving)
    for name in starred:
        assert any(full.startswith(name) for full in moving), name


def test_the_exercise_on_resnet_fails_by_its_labels_first(rule):
    resnet = rule.Case("ResNet-50", True, rule.LABEL, "检测 分割 姿态", 0.26)
    assert rule.verdict(resnet, rule.Rule()) == (False, "预训练的信号是任务标签")
    any_signal = rule.READINGS["二：不问信号"]
    assert rule.verdict(resnet, any_signal) == (False, "参数低于门槛")


def test_the_exercise_on_word2vec_finds_a_counterexample(rule):
    vectors = rule.Case("word2vec", True, rule.SELF, "实体 情感 相似", 9)
    assert vectors.params * 1e8 == 3e6 * 300
    assert rule.verdict(vectors, rule.Rule())[0] is True
    assert rule.verdict(vectors._replace(params=0), rule.Rule())[0] is False


def test_without_its_tables_bert_falls_below_the_line_of_the_book(rule):
    bert = outline("BERT-base")
    tables = sum(p.numel() for n, p in bert.named_parameters() if "embeddings." in n)
    body = (bert.num_parameters() - tables) / 1e8
    assert body == pytest.approx(0.86, abs=0.005)
    small = case(rule, "BERT-base")._replace(params=body)
    assert rule.verdict(small, rule.Rule()) == (False, "参数低于门槛")


def test_the_wide_representation_is_sklearn_s_pca_up_to_signs(transfer):
    x = load_digits().data / 16
    ours = transfer.learn_wide(x[:1000])(x)
    theirs = PCA(8).fit(x[:1000]).transform(x)
    np.testing.assert_allclose(np.abs(ours), np.abs(theirs), atol=1e-8)


def test_the_narrow_network_steps_like_torch_adam(transfer):
    x = torch.tensor(load_digits().data[:300] / 16)
    y = torch.tensor(load_digits().target[:300] % 2, dtype=torch.float64)
    rng = np.random.default_rng(7)
    theta = [
        torch.tensor(rng.normal(0, np.sqrt(1 / 64), (64, 8))),
        torch.zeros(8, dtype=torch.float64),
        torch.tensor(rng.normal(0, np.sqrt(1 / 8), 8)),
        torch.zeros(1, dtype=torch.float64),
    ]
    for p in theta:
        p.requires_grad_()
    adam = torch.optim.Adam(theta, lr=0.01)
    for _ in range(100):
        adam.zero_grad()
        logits = torch.tanh(x @ theta[0] + theta[1]) @ theta[2] + theta[3]
        torch.nn.functional.binary_cross_entropy_with_logits(logits, y).backward()
        adam.step()
    encode = transfer.learn_narrow(
        x.numpy(), y.numpy(), np.random.default_rng(7), steps=100
    )
    expected = torch.tanh(x @ theta[0] + theta[1]).detach().numpy()
    np.testing.assert_allclose(encode(x.numpy()), expected, atol=1e-6)


def narrow_by_torch(x, target, rng):
    """64 → 8 → 1 with tanh, 600 full steps of Adam; the function of the hidden 8."""
    sizes = [(0, np.sqrt(1 / 64), (64, 8)), (0, np.sqrt(1 / 8), 8)]
    w1, w2 = (torch.tensor(rng.normal(*size)) for size in sizes)
    b1, b2 = torch.zeros(8, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    theta = [p.requires_grad_() for p in (w1, b1, w2, b2)]
    adam, rows = torch.optim.Adam(theta, lr=0.01), torch.tensor(x)
    labels = torch.tensor(target, dtype=torch.float64)
    for _ in range(600):
        adam.zero_grad()
        logits = torch.tanh(rows @ w1 + b1) @ w2 + b2
        torch.nn.functional.binary_cross_entropy_with_logits(logits, labels).backward()
        adam.step()
    return lambda new: torch.tanh(torch.tensor(new) @ w1 + b1).detach().numpy()


@pytest.fixture(scope="module")
def expected_accuracies():
    """The whole experiment by PCA, torch and a pipeline: (map, task) → five scores."""
    images, digits = load_digits(return_X_y=True)
    images = images / 16
    targets = [digits, digits % 2, (digits >= 5).astype(int)]
    found = np.zeros((4, 3, 5))
    for seed in range(5):
        rng = np.random.default_rng(seed)
        order = rng.permutation(1797)
        train, test = order[:1297], order[1297:]
        random = rng.normal(0, 1 / 8, (64, 8))
        maps = [
            PCA(8).fit(images[train]).transform,
            narrow_by_torch(images[train], digits[train] % 2, rng),
            lambda new, random=random: new @ random,
            lambda new: new,
        ]
        for i, encode in enumerate(maps):
            for j, target in enumerate(targets):
                scaler = StandardScaler().fit(encode(images[train]))
                model = LogisticRegression(max_iter=9999, tol=1e-9)
                model.fit(scaler.transform(encode(images[train])), target[train])
                found[i, j, seed] = model.score(
                    scaler.transform(encode(images[test])), target[test]
                )
    return found


def test_the_printed_accuracies_are_those_of_pca_torch_and_sklearn(
    transfer, expected_accuracies
):
    lines = transfer.printed_by["compare"].splitlines()[1:5]
    printed = [[float(n) for n in re.findall(r" (\d\.\d{3})", ln)] for ln in lines]
    np.testing.assert_allclose(printed, expected_accuracies.mean(axis=2), atol=6e-4)


def test_the_printed_gaps_are_taken_split_by_split(transfer, expected_accuracies):
    lines = transfer.printed_by["compare"].splitlines()[6:9]
    printed = [[float(n) for n in re.findall(r"[-+]\d\.\d{3}", ln)] for ln in lines]
    gaps = expected_accuracies[0] - expected_accuracies[1]
    expected = [gaps.mean(axis=1), gaps.min(axis=1), gaps.max(axis=1)]
    np.testing.assert_allclose(printed, np.transpose(expected), atol=6e-4)


def test_each_representation_wins_where_it_was_meant_to(transfer):
    """The narrow one on its own task, the wide one on both others, in each split."""
    wide, narrow, *_ = transfer.maps
    for task, sign in (("认数字", 1), ("判奇偶", -1), ("够不够 5", 1)):
        gaps = np.subtract(transfer.results[wide, task], transfer.results[narrow, task])
        assert (sign * gaps > 0).all(), task


def test_eight_learned_numbers_never_beat_all_the_pixels_with_all_the_labels(transfer):
    wide, *_, pixels = transfer.maps
    for task in transfer.TASKS:
        ours = np.mean(transfer.results[wide, task])
        assert ours < np.mean(transfer.results[pixels, task])


def test_no_test_image_is_seen_in_training(transfer):
    assert not set(transfer.train) & set(transfer.test)
