# --8<-- [start:keywords]
import re
import warnings
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np

# NeurIPS 2023 主会 67 篇口头报告：题目的开头 | 作者投稿时自填的关键词，错字照旧。
# 数据集与基准赛道的 10 篇没有收到关键词，不在内。续行缩进两格。
LISTING = r"""
A Measure-Theoretic | Causality, probability theory, causal models
A Rigorous Link between Deep | Wasserstein gradient flow, generalised variational
  inference, deep ensembles, Bayesian deep learning, variational Bayes
A Single-Loop Accelerated | Constrained Minimax Optimization, nonconvex-nonconcave
A U-turn on Double Descent | Double Descent, Statistical Machine Learning, Interpolation
  Regime, Effective Parameters
Abide by the law and follow | Implicit bias, conservation laws, gradient flow, linear
  neural network, matrix factorization
Additive Decoders for Latent | identifiability, nonlinear ICA, causal representation
  learning, disentanglement, object-centric representation learning, extrapolation
Are Emergent Abilities of Large | large language models, foundation models, natural
  language processing, language modeling, emergent abilities
Brain Diffusion for Visual | neuroscience, brain, fmri, generative models, diffusion
  models, image synthesis, visual cortex
Bridging Discrete | discrete random variables, back-propagation, straight through
Bridging RL Theory and Practice | reinforcement learning, RL theory, theory of
  reinforcement learning, instance-dependent bounds, empirical validation of theory
Causal normalizing flows | causality, causal inference, normalizing flows,
  identifiability, interventions, counterfactuals
Characteristic Circuits | Characteristic Circuit, Characteristic Function, Probabilistic
  Circuit, Heterogeneous Data, Density Estimation
Cinematic Mindscapes | Video Reconstruction from Brain Activities, Diffusion Model,
  Contrastive Learning
Clifford Group Equivariant Neural | Clifford algebras, geometric deep dearning, Clifford
  group equivariance, E(n)-equivariant neural networks, O(n)-equivariant neural networks
Conformal Meta-learners | Heterogeneous treatment effects, conformal prediction
DiffuseBot | soft robot, diffusion model, co-design
Direct Preference Optimization | reinforcement learning from human feedback, language
  models, RLHF, preferences
EgoEnv | egocentric video, 3D environment, sim2real, sim-to-real, episodic memory
Emergence of Shape Bias | neuroscience, computer vision, shape & texture bias
Entropic Neural Optimal Transport | Optimal transport, Schrödinger Bridge, Entropy
  regularized OT, Neural Networks, Unpaired Learning
Evaluating Post-hoc Explanations | Post-hoc Explainability, Explanation Evaluation,
  Graph Neural Network, Robustness Analysis
Exact Bayesian Inference on | Bayesian statistics, probabliistic programming, exact
  inference, discrete models, probability generating functions
Fine-Tuning Language Models | language models, fine-tuning, zeroth order optimization,
  memory efficiency
Generalizing Nonlinear ICA Beyond | Latent variable models, nonlinear independent
  component analysis
Going beyond persistent homology | graph representation learning, topological deep
  learning, persistent homology, graph neural networks
How to Turn Your Knowledge Graph | knowledge graph, knowledge graph embeddings,
  probabilistic circuits, probabilistic reasoning, tractable inference
Human-like Few-Shot Learning | Cognitive science, Bayesian, Language model, Induction,
  Psychology, Reasoning
Image Captioners Are Scalable | contrastive learning, CLIP, CapPa, Cap, vision-language,
  image captioning, visual representation learning, weakly supervised learning, VLM,
  multimodal learning, VQA, image classification
Improved Algorithms | Linear bandits, confidence sequences, martingales, convex
  optimization, cumulative regret, regret analysis
Jailbroken | red teaming, safety, RLHF, large language models
Learning Linear Causal | Causal Representation Learning, Interventional data, Gaussian
  Structural Causal models
Learning Transformer Programs | mechanistic interpretability, transformers
Linguistic Binding in Diffusion | syntax, diffusion, stable diffusion, attribute,
  attention
Monarch Mixer | structured matrices, transformers, efficiency
Nearly Tight Bounds For | Differential Privacy, clustering, multiway cut, min cut, graph
  partitioning
Online RL in Linearly | Reinforcement learning, linear function approximation, online
  learning
Optimal Learners for Realizable | Learning Theory, Regression, PAC Learning, Online
  Learning
Optimizing Solution-Samplers | Policy Gradient, Combinatorial Optimization, Gradient
  Descent
Ordering-based Conditions | reinforcement learning, policy gradient, policy
  optimization, function approximation, global convergence
Privacy Auditing with One (1) | Differential privacy, membership inference attacks,
  privacy auditing
Private Everlasting Prediction | Differential privacy, private learning, private
  prediction
QLoRA | finetuning, llama, instructions, quantization
Random Cuts are Optimal | Clustering, k-medians, Decision Tree, Explainability
Rethinking Bias Mitigation | Bias Mitigation, Fairness, Facial Recognition
Rotating Features for Object | Object Discovery, Object-Centric Representations,
  Structured Representation Learning
Sampling from Gaussian Process | Gaussian processes, scalable learning, posterior
  sampling, Bayesian optimization
Scaling Data-Constrained Language | large language models, scaling laws, data
  engineering
Sharpness Minimization Algorithms | Sharpness, Flatness, Generalization, Generalization
  Bound, SAM
Siamese Masked Autoencoders | Representation Learning, Visual Correspondence,
  Self-supervised learning, Videos
Smoothing the Landscape Boosts | statistical learning, learning theory, single index
  model, gradient descent, stochastic gradient descent
Spatial-frequency channels, shape | object recognition, critical band masking,
  spatial-frequency channels, shape bias, adversarial robustness
Students Parrot Their Teachers | model distillation, membership inference, privacy, dark
  knowledge
Task Arithmetic in the Tangent | model editing, transfer learning, neural tangent
  kernel, vision-language pre-training, deep learning science
Tester-Learners for Halfspaces | testable learning, pac learning, agnostic learning,
  Massart label noise, adversarial label noise, distribution testing
The Clock and the Pizza | mechanistic interpretability, algorithmic phase transitions,
  arithmetic learning, neural network, transformer, ensemble
The Surprising Effectiveness | Monocular depth, optical flow, diffusion, depth, flow
Toolformer | Language Models, Zero-Shot Learning, Tool Use, APIs
ToolkenGPT | large language model, tool learning
Towards Revealing the Mystery | Chain-of-Thought Prompting, Large Language Models,
  Theory, Circuit Complexity, Dynamic Programming
Transformers as Statisticians | in-context learning, transformers, deep learning theory,
  learning theory
Tree of Thoughts | large language model, general problem solving, heuristic search,
  reasoning, planning, decision making
Understanding Diffusion | Diffusion Model, Evidence Lower Bound, Maximum Likelihood
User-Level Differential Privacy | differential privacy, user-level privacy, PAC learning
Visual Instruction Tuning | visual instruction tuning, instruction tuning, multimodal,
  LLM, GPT
When Demonstrations meet | Inverse Reinforcement Learning, Model-based Offline Inverse
  Reinforcement Learning
When Do Transformers Shine in RL? | Memory-based RL, Transformers, Credit Assignment,
  Online RL, Model-free RL
Why think step by step? Reasoning | chain-of-thought, language models, reasoning
"""
lines = LISTING.strip().replace("\n  ", " ").split("\n")
names, keywords = zip(*(line.split(" | ") for line in lines), strict=True)
# --8<-- [end:keywords]


# --8<-- [start:vectors]
STOP = {"and", "from", "in", "of", "to", "based"}


def tokenize(text):
    words = (w for w in re.findall(r"[^\W_]+", text.lower()) if w not in STOP)
    return [re.sub("(?<=[^aisu])s$", "", w) for w in words if len(w) > 1]


documents = [tokenize(text) for text in keywords]
vocabulary = sorted({word for words in documents for word in words})
tf = np.array([[words.count(w) for w in vocabulary] for words in documents])
df = np.sum(tf > 0, axis=0)
shared = df >= 2  # 只出现一次的词不能把两篇论文拉到一起
idf = np.log((1 + len(names)) / (1 + df)) + 1
vectors = (tf * idf)[:, shared]  # (paper, word)
vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
words = np.array(vocabulary)[shared]
print(f"{len(names)} 篇的关键词里有 {len(vocabulary)} 个词", end="；")
print(f"出现在两篇以上的 {shared.sum()} 个")
# --8<-- [end:vectors]


# --8<-- [start:kmeans]
def assign(x, centres):
    # 都是单位向量，点积就是余弦；先舍入，免得舍入误差替我们决定平局
    return np.argmax(np.round(x @ centres.T, 9), axis=1)


def update(x, labels, centres):
    centres = centres.copy()
    for j in np.unique(labels):  # 空簇留在原处
        mean = x[labels == j].mean(axis=0)
        centres[j] = mean / np.linalg.norm(mean)  # 拉回球面
    return centres


def spherical_kmeans(x, centres):
    labels = assign(x, centres)
    while True:
        centres = update(x, labels, centres)
        before, labels = labels, assign(x, centres)
        if np.array_equal(before, labels):
            return labels, np.sum(x * centres[labels]) / len(x)  # 簇号、平均余弦


def run(seed, k=8):
    rng = np.random.default_rng(seed)
    return spherical_kmeans(vectors, vectors[rng.choice(len(names), k, replace=False)])


runs = sorted((run(seed) for seed in range(50)), key=lambda pair: -round(pair[1], 9))
labels, best = runs[0]
print(f"50 个随机起点，平均余弦从 {runs[-1][1]:.3f} 到 {best:.3f}；取最高的一次")
# --8<-- [end:kmeans]


# --8<-- [start:topics]
by_size = np.argsort(-np.bincount(labels), kind="stable")
labels = np.argsort(by_size)[labels]  # 重新编号：0 号簇最大
for j in range(len(by_size)):
    members = vectors[labels == j]
    top = words[np.argsort(-members.mean(axis=0), kind="stable")[:4]]
    print(f"簇 {j}，{len(members):2d} 篇：{'、'.join(top)}")
# --8<-- [end:topics]


# --8<-- [start:members]
language = labels[names.index("Toolformer")]
print(f"簇 {language}：")
for name, label in zip(names, labels, strict=True):
    if label == language:
        print(f"  {name}")
# --8<-- [end:members]


# --8<-- [start:stability]
def adjusted_rand(a, b):
    same_a, same_b = (np.equal.outer(x, x)[np.triu_indices(len(x), 1)] for x in (a, b))
    both = np.sum(same_a & same_b)
    chance = same_a.sum() * same_b.sum() / len(same_a)  # 随机划分也会碰巧同簇
    return (both - chance) / ((same_a.sum() + same_b.sum()) / 2 - chance)


agreement = [adjusted_rand(a, b) for (a, _), (b, _) in combinations(runs, 2)]
print(f"两次划分的调整兰德指数：平均 {np.mean(agreement):.2f}（1 是相同，0 是碰巧）")
for a, b in [
    ("Toolformer", "ToolkenGPT"),
    ("Private Everlasting Prediction", "Privacy Auditing"),
    ("Toolformer", "QLoRA"),
]:
    i, j = (next(i for i, n in enumerate(names) if n.startswith(x)) for x in (a, b))
    together = np.mean([found[i] == found[j] for found, _ in runs])
    print(f"{together:4.0%} 的划分里同簇：{a} 与 {b}")
# --8<-- [end:stability]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画，这里不需要字体
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "reading_a_conference_clusters_numpy"
u, s, _ = np.linalg.svd(vectors, full_matrices=False)
plane = u[:, :2] * s[:2] * np.sign(u[:, :2].sum(axis=0))  # 奇异向量的正负号是任意的
print(f"前两个奇异方向只占平方和的 {np.sum(s[:2] ** 2) / np.sum(s**2):.0%}")
figure, axis = plt.subplots(figsize=(3.5, 3.7), layout="constrained")
for j, (px, py) in zip(labels, plane, strict=True):
    style = {"color": "C1", "weight": "bold"} if j == language else {"color": "C0"}
    axis.text(px, py, str(j), ha="center", va="center", **style)
axis.set_xlim(plane[:, 0].min() - 0.05, plane[:, 0].max() + 0.05)
axis.set_ylim(plane[:, 1].min() - 0.05, plane[:, 1].max() + 0.05)
axis.set_xlabel("第一奇异方向")
axis.set_title("第二奇异方向", loc="left", fontsize=10)
axis.spines[["top", "right"]].set_visible(False)
title = "67 篇论文在前两个奇异方向上的位置，数字是簇号；语言模型一簇用强调色"
figure.savefig(
    "reading_a_conference_clusters_numpy.svg",
    transparent=True,
    metadata={"Title": title},
)
# --8<-- [end:figure]
