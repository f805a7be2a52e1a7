"""The lab on attention: its stored outputs, its attention, its claims, its answers."""

import ast
import functools
import itertools
import math
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import matplotlib
import nbformat
import pytest
import torch
import torch.nn.functional as F
from nbclient import NotebookClient

from handbook.programs import record

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "concepts" / "attention-lab.ipynb"


def read() -> nbformat.NotebookNode:
    return nbformat.read(NOTEBOOK, as_version=4)


def printed(cell: nbformat.NotebookNode) -> str:
    return "".join(o.text for o in cell.get("outputs", []) if "text" in o)


def drawings(notebook: nbformat.NotebookNode) -> list[str]:
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    return [o.data["image/svg+xml"] for o in outputs if "data" in o]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> nbformat.NotebookNode:
    """The notebook, run from top to bottom in a new kernel and an empty folder."""
    notebook = read()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    folder = tmp_path_factory.mktemp("attention-lab")
    NotebookClient(
        notebook, timeout=240, resources={"metadata": {"path": str(folder)}}
    ).execute()
    return notebook


@pytest.fixture(scope="module")
def lab() -> SimpleNamespace:
    """What the notebook defines: task, model, training, and what is built on them.

    Up to the first training whole cells are run; of the later ones only the functions
    and classes, so that nothing more is trained here.
    """
    code = [cell.source for cell in read().cells if cell.cell_type == "code"]
    first = next(i for i, source in enumerate(code) if "def train(" in source)
    names: dict[str, object] = {}
    threads, random = torch.get_num_threads(), torch.get_rng_state()
    with matplotlib.rc_context():
        for source in code[: first + 1]:
            exec(compile(source, NOTEBOOK.name, "exec"), names)
        for source in code[first + 1 :]:
            tree = ast.parse(source)
            kept = [
                n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)
            ]
            exec(compile(ast.Module(kept, []), NOTEBOOK.name, "exec"), names)
    torch.set_num_threads(threads)
    torch.set_rng_state(random)
    return SimpleNamespace(**names)


def test_every_cell_prints_what_is_stored(fresh: nbformat.NotebookNode) -> None:
    wrong = [
        record.difference(printed(old), printed(new))
        for old, new in zip(read().cells, fresh.cells, strict=True)
    ]
    assert [w for w in wrong if w] == []


def test_every_drawing_is_drawn_again(fresh: nbformat.NotebookNode) -> None:
    assert len(drawings(fresh)) == len(drawings(read())) == 2


def test_stored_cells_carry_no_times_and_were_run_in_order() -> None:
    code = [cell for cell in read().cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert all("execution" not in cell.metadata for cell in code)


def test_drawings_are_small_vectors_with_a_title() -> None:
    for drawing in drawings(read()):
        assert "<title>" in drawing
        assert "<image" not in drawing and "<dc:date>" not in drawing
        assert len(drawing.encode()) < 12_000


def test_attention_matches_torch_sdpa(lab: SimpleNamespace) -> None:
    generator = torch.Generator().manual_seed(7)
    q, k, v = torch.randn(3, 2, 4, 5, 6, generator=generator, dtype=torch.float64)
    mixed, *_ = lab.attention(q, k, v, 6**-0.5)
    expected = F.scaled_dot_product_attention(q, k, v)
    torch.testing.assert_close(mixed, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("heads", [1, 2, 4])
def test_the_model_matches_torch_multihead_attention(
    lab: SimpleNamespace, heads: int
) -> None:
    model = lab.build(heads=heads)
    reference = torch.nn.MultiheadAttention(32, heads, bias=False, batch_first=True)
    x, _ = lab.reverse_task(3, 8, torch.Generator().manual_seed(4))
    with torch.no_grad():
        reference.in_proj_weight.copy_(model.qkv.weight)
        reference.out_proj.weight.copy_(torch.eye(32))
        h = (model.digit(x) + model.position.weight[:8]) / math.sqrt(2)
        mixed, weights = reference(h, h, h, average_attn_weights=False)
        expected = mixed @ model.answer.weight.T + model.answer.bias
        logits = model(x)
    torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(model.weights, weights, rtol=1e-4, atol=1e-6)


@pytest.fixture(scope="module")
def trained(lab: SimpleNamespace) -> torch.nn.Module:
    model = lab.build()
    lab.train(model)
    return model


def test_with_positions_it_learns_to_reverse(
    lab: SimpleNamespace, trained: torch.nn.Module
) -> None:
    assert lab.accuracy(trained) > 0.99


def test_it_looks_at_the_antidiagonal(
    lab: SimpleNamespace, trained: torch.nn.Module
) -> None:
    lab.accuracy(trained)
    weights = trained.weights.mean(0)[0]
    assert weights.argmax(-1).tolist() == list(range(7, -1, -1))
    assert weights.amax(-1).min() > 0.9


def test_it_fails_at_every_other_length(
    lab: SimpleNamespace, trained: torch.nn.Module
) -> None:
    assert all(lab.accuracy(trained, n) < 0.2 for n in (6, 7, 9, 10, 12))


def guess_bound(length: int, digits: int) -> float:
    """The best accuracy without positions, by summing over all multisets of others."""
    others, total = length - 1, 0.0
    for counts in itertools.combinations_with_replacement(range(digits), others):
        times = Counter(counts).values()
        orders = math.factorial(others) / math.prod(map(math.factorial, times))
        total += orders * max(times)
    return total / digits**others / others


def test_the_bound_without_positions_is_the_enumerated_one(
    fresh: nbformat.NotebookNode,
) -> None:
    line = next(
        line
        for cell in fresh.cells
        for line in printed(cell).splitlines()
        if line.startswith("理论上限")
    )
    # 20,000 draws of a mean with a spread of 0.1: four standard errors are 0.003.
    assert float(line.partition("：")[2]) == pytest.approx(
        guess_bound(8, 10), abs=0.003
    )


def test_without_positions_it_learns_no_more_than_the_bound(
    lab: SimpleNamespace,
) -> None:
    blind = lab.build(positions=False)
    lab.train(blind)
    bound = guess_bound(8, 10)
    assert bound - 0.03 < lab.accuracy(blind) < bound + 0.015


def test_without_positions_the_model_is_permutation_equivariant(
    lab: SimpleNamespace,
) -> None:
    blind = lab.build(positions=False)
    x, _ = lab.reverse_task(4, 8, torch.Generator().manual_seed(4))
    order = torch.tensor([3, 1, 7, 0, 5, 2, 6, 4])
    with torch.no_grad():
        torch.testing.assert_close(
            blind(x[:, order]), blind(x)[:, order], rtol=1e-4, atol=1e-5
        )


@pytest.mark.parametrize("width", [16, 64, 256])
def test_dot_products_spread_as_the_root_of_d_k(
    lab: SimpleNamespace, width: int
) -> None:
    model = lab.build(width=width)
    lab.accuracy(model)
    assert model.dots.std().item() == pytest.approx(math.sqrt(width), rel=0.25)


def test_without_scaling_a_wide_model_starts_out_peaked(lab: SimpleNamespace) -> None:
    peaks = {}
    for scaled in (True, False):
        model = lab.build(width=256, scaled=scaled)
        lab.accuracy(model)
        peaks[scaled] = model.weights.amax(-1).mean().item()
    assert peaks[True] < 0.5 < 0.9 < peaks[False]


@pytest.mark.parametrize("heads", [1, 2])
def test_two_answers_need_two_heads(fresh: nbformat.NotebookNode, heads: int) -> None:
    line = next(
        line
        for cell in fresh.cells
        for line in printed(cell).splitlines()
        if line.startswith(f"{heads} 个头")
    )
    single, first, second = (float(n) for n in re.findall(r"\d\.\d+", line))
    assert single > 0.99
    assert (min(first, second) > 0.99) == (heads == 2)
    assert max(first, second) > 0.9


# --- the answers of the exercises ---------------------------------------------


def answered(
    lab: SimpleNamespace,
    task: Callable[..., tuple[torch.Tensor, torch.Tensor]],
    length: int = 8,
    **options: object,
) -> tuple[float, torch.nn.Module]:
    model = lab.build(**options)
    lab.train(model, task=task, lengths=(length,))
    return lab.accuracy(model, length, task), model


def test_exercise_1_rotation_looks_one_to_the_right(lab: SimpleNamespace) -> None:
    def rotate(size, length, generator):
        x, _ = lab.reverse_task(size, length, generator)
        return x, x.roll(-1, dims=1)

    score, model = answered(lab, rotate)
    assert score > 0.99
    assert model.weights.mean(0)[0].argmax(-1).tolist() == [1, 2, 3, 4, 5, 6, 7, 0]


def plus_one(
    size: int, length: int, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.randint(10, (size, length), generator=generator)
    return x, (x + 1) % 10


def test_exercise_2_some_weights_answer_all_of_plus_one(lab: SimpleNamespace) -> None:
    model = lab.build(positions=False)
    one_hot = torch.eye(10, 32)
    with torch.no_grad():
        model.digit.weight.copy_(one_hot)
        model.qkv.weight.copy_(torch.cat([torch.eye(32) * s for s in (20, 20, 1)]))
        model.answer.weight.copy_(one_hot.roll(1, dims=0))
        model.answer.bias.zero_()
    assert lab.accuracy(model, task=plus_one) == 1


@pytest.mark.parametrize("seed", [0, 1])
def test_exercise_2_training_comes_close_to_them(
    lab: SimpleNamespace, seed: int
) -> None:
    score, _ = answered(lab, plus_one, positions=False, seed=seed)
    assert score > 0.9


def test_exercise_3_a_pair_needs_no_positions(lab: SimpleNamespace) -> None:
    score, _ = answered(lab, lab.reverse_task, length=2, positions=False)
    assert guess_bound(2, 10) == 1
    assert score > 0.95


@pytest.fixture(scope="module")
def mixed(lab: SimpleNamespace) -> Callable[[type], torch.nn.Module]:
    """A model trained on lengths from 4 to 8, as exercise 4 does."""

    @functools.cache
    def trained_on_mixed_lengths(kind: type) -> torch.nn.Module:
        model = lab.build(kind)
        lab.train(model, steps=600, lengths=(4, 5, 6, 7, 8))
        return model

    return trained_on_mixed_lengths


def test_exercise_4_mixed_lengths_alone_are_not_enough(
    lab: SimpleNamespace, mixed: Callable[[type], torch.nn.Module]
) -> None:
    model = mixed(lab.Reverser)
    assert max(lab.accuracy(model, n) for n in (6, 7, 8)) < 0.8


def test_exercise_4_distance_to_the_end_masters_every_trained_length(
    lab: SimpleNamespace, mixed: Callable[[type], torch.nn.Module]
) -> None:
    model = mixed(lab.FromBothEnds)
    assert min(lab.accuracy(model, n) for n in (4, 5, 6, 7, 8)) > 0.99


def test_exercise_4_ends_never_trained_draw_weight_from_the_middle(
    lab: SimpleNamespace, mixed: Callable[[type], torch.nn.Module]
) -> None:
    model = mixed(lab.FromBothEnds)
    assert max(lab.accuracy(model, n) for n in (10, 12)) < 0.9
    lab.accuracy(model, 10)
    assert model.weights.mean(0)[0, 2:8][:, [0, 1, 8, 9]].sum(-1).mean() > 0.05
