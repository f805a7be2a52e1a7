# --8<-- [start:titles]
import re
from itertools import combinations

import numpy as np

# NeurIPS 2023 全部 77 篇口头报告的题目。行首是手工标注，依据是题目与摘要：
# + 论文的对象是大语言模型，- 不是。续行缩进两格。
LISTING = r"""
- A Measure-Theoretic Axiomatisation of Causality
- A Rigorous Link between Deep Ensembles and (Variational) Bayesian Methods
- A Single-Loop Accelerated Extra-Gradient Difference Algorithm with Improved
  Complexity Bounds for Constrained Minimax Optimization
- A U-turn on Double Descent: Rethinking Parameter Counting in Statistical Learning
- Abide by the law and follow the flow: conservation laws for gradient flows
- Additive Decoders for Latent Variables Identification and Cartesian-Product
  Extrapolation
+ Are Emergent Abilities of Large Language Models a Mirage?
- BEDD: The MineRL BASALT Evaluation and Demonstrations Dataset for Training and
  Benchmarking Agents that Solve Fuzzy Tasks
- Brain Diffusion for Visual Exploration: Cortical Discovery using Large Scale
  Generative Models
- Bridging Discrete and Backpropagation: Straight-Through and Beyond
- Bridging RL Theory and Practice with the Effective Horizon
- Causal normalizing flows: from theory to practice
- Characteristic Circuits
- Cinematic Mindscapes: High-quality Video Reconstruction from Brain Activity
- Clifford Group Equivariant Neural Networks
- ClimSim: A large multi-scale dataset for hybrid physics-ML climate emulation
- Conformal Meta-learners for Predictive Inference of Individual Treatment Effects
- DataComp: In search of the next generation of multimodal datasets
+ DecodingTrust: A Comprehensive Assessment of Trustworthiness in GPT Models
- DiffuseBot: Breeding Soft Robots With Physics-Augmented Generative Diffusion Models
+ Direct Preference Optimization: Your Language Model is Secretly a Reward Model
- EgoEnv: Human-centric environment representations from egocentric video
- Emergence of Shape Bias in Convolutional Neural Networks through Activation Sparsity
- Entropic Neural Optimal Transport via Diffusion Processes
- Ethical Considerations for Responsible Data Curation
- Evaluating Post-hoc Explanations for Graph Neural Networks via Robustness Analysis
- Exact Bayesian Inference on Discrete Models via Probability Generating Functions: A
  Probabilistic Programming Approach
+ Fine-Tuning Language Models with Just Forward Passes
- Generalizing Nonlinear ICA Beyond Structural Sparsity
- Going beyond persistent homology using persistent homology
- How to Turn Your Knowledge Graph Embeddings into Generative Models
+ Human-like Few-Shot Learning via Bayesian Reasoning over Natural Language
- Image Captioners Are Scalable Vision Learners Too
- Improved Algorithms for Stochastic Linear Bandits Using Tail Bounds for Martingale
  Mixtures
+ Jailbroken: How Does LLM Safety Training Fail?
+ LeanDojo: Theorem Proving with Retrieval-Augmented Language Models
- Learning Linear Causal Representations from Interventions under General Nonlinear
  Mixing
- Learning Transformer Programs
- Linguistic Binding in Diffusion Models: Enhancing Attribute Correspondence through
  Attention Map Alignment
- Mesogeos: A multi-purpose dataset for data-driven wildfire modeling in the
  Mediterranean
- MetaBox: A Benchmark Platform for Meta-Black-Box Optimization with Reinforcement
  Learning
- Monarch Mixer: A Simple Sub-Quadratic GEMM-Based Architecture
- Nearly Tight Bounds For Differentially Private Multiway Cut
- Online RL in Linearly $q^\pi$-Realizable MDPs Is as Easy as in Linear MDPs If You
  Learn What to Ignore
+ OpenAssistant Conversations - Democratizing Large Language Model Alignment
- Optimal Learners for Realizable Regression: PAC Learning and Online Learning
- Optimizing Solution-Samplers for Combinatorial Problems: The Landscape of
  Policy-Gradient Method
- Ordering-based Conditions for Global Convergence of Policy Gradient Methods
- Privacy Auditing with One (1) Training Run
- Private Everlasting Prediction
+ QLoRA: Efficient Finetuning of Quantized LLMs
- Quilt-1M: One Million Image-Text Pairs for Histopathology
- Random Cuts are Optimal for Explainable k-Medians
- Rethinking Bias Mitigation: Fairer Architectures Make for Fairer Face Recognition
- Rotating Features for Object Discovery
- Sampling from Gaussian Process Posteriors using Stochastic Gradient Descent
+ Scaling Data-Constrained Language Models
- Sharpness Minimization Algorithms Do Not Only Minimize Sharpness To Achieve Better
  Generalization
- Siamese Masked Autoencoders
- Smoothing the Landscape Boosts the Signal for SGD: Optimal Sample Complexity for
  Learning Single Index Models
- Spatial-frequency channels, shape bias, and adversarial robustness
- Students Parrot Their Teachers: Membership Inference on Model Distillation
- Task Arithmetic in the Tangent Space: Improved Editing of Pre-Trained Models
- Tester-Learners for Halfspaces: Universal Algorithms
- The Clock and the Pizza: Two Stories in Mechanistic Explanation of Neural Networks
- The Surprising Effectiveness of Diffusion Models for Optical Flow and Monocular
  Depth Estimation
+ Toolformer: Language Models Can Teach Themselves to Use Tools
+ ToolkenGPT: Augmenting Frozen Language Models with Massive Tools via Tool Embeddings
+ Towards Revealing the Mystery behind Chain of Thought: A Theoretical Perspective
- Transformers as Statisticians: Provable In-Context Learning with In-Context
  Algorithm Selection
+ Tree of Thoughts: Deliberate Problem Solving with Large Language Models
- Understanding Diffusion Objectives as the ELBO with Simple Data Augmentation
- User-Level Differential Privacy With Few Examples Per User
+ Visual Instruction Tuning
- When Demonstrations meet Generative World Models: A Maximum Likelihood Framework for
  Offline Inverse Reinforcement Learning
- When Do Transformers Shine in RL? Decoupling Memory from Credit Assignment
+ Why think step by step? Reasoning emerges from the locality of experience
"""
lines = LISTING.strip().replace("\n  ", " ").split("\n")
titles = [line[2:] for line in lines]
about_llm = np.array([line[0] == "+" for line in lines])
english = np.array([len(title.split()) for title in titles])
print(f"{len(titles)} 篇题目，平均 {english.mean():.1f} 个英文词", end="；")
print(f"讲大语言模型的 {about_llm.sum()} 篇")
hours = 5290 * english.mean() / 238 / 60
print(f"5290 篇题目逐字读一遍：按每分钟 238 词，要 {hours:.1f} 小时")
# --8<-- [end:titles]


# --8<-- [start:tokens]
STOP = set(
    "a an and are as at be beyond by can do does for from how if in into is it its "
    "just likely not of on one only or than that the their them themselves to too "
    "towards under using via what when why with you your".split()
)


def tokenize(text):
    words = []
    for word in re.findall(r"[a-z0-9]+", text.lower()):
        # 只去复数的 s：LLMs 与 LLM 要算同一个词，而 bias、analysis 不动
        if len(word) > 2 and re.search("[^aisu]s$", word):
            word = word[:-1]
        if len(word) > 1 and word not in STOP:
            words.append(word)
    return words


def count(texts):
    rows = np.zeros((len(texts), len(vocabulary)))
    for row, text in zip(rows, texts, strict=True):
        for word in tokenize(text):
            if word in column:  # 查询里可能有题目中没有的词
                row[column[word]] += 1
    return rows


vocabulary = sorted({word for title in titles for word in tokenize(title)})
column = {word: j for j, word in enumerate(vocabulary)}
tf = count(titles)  # (title, word)：词频
df = np.sum(tf > 0, axis=0)  # (word,)：含有这个词的题目数
lonely = np.all((tf == 0) | (df == 1), axis=1)
print(f"词表 {len(vocabulary)} 个词，其中 {np.sum(df == 1)} 个只出现在一篇题目里")
print(f"同一题目里重复的词共 {np.sum(tf > 1)} 处", end="；")
print(f"与别的题目没有一个共同词的题目 {lonely.sum()} 篇")
# --8<-- [end:tokens]


# --8<-- [start:tfidf]
def tfidf(counts):
    idf = np.log((1 + len(titles)) / (1 + df)) + 1  # 加 1 平滑，与 scikit-learn 相同
    weights = counts * idf
    norms = np.linalg.norm(weights, axis=1, keepdims=True)
    return weights / np.where(norms > 0, norms, 1)


title_vectors = tfidf(tf)  # (title, word)，每行长度为 1


def score_tfidf(query):
    return title_vectors @ tfidf(count([query]))[0]  # (title,)：余弦


# --8<-- [end:tfidf]


# --8<-- [start:bm25]
def idf_okapi(n, total):
    return np.log((total - n + 0.5) / (n + 0.5))


def idf_lucene(n, total):
    return np.log(1 + (total - n + 0.5) / (n + 0.5))  # 里面加 1，永远为正


def score_bm25(query, idf=idf_lucene, k1=1.5, b=0.75):
    length = tf.sum(axis=1)
    norm = 1 - b + b * length / length.mean()  # (title,)：长题目大于 1
    gain = tf * (k1 + 1) / (tf + k1 * norm[:, None])
    return gain @ (count([query])[0] * idf(df, len(titles)))


print("词          篇数  idf（Okapi）  idf（Lucene）")
for word in ("model", "language", "alignment", "jailbroken"):
    n = df[column[word]]
    okapi, lucene = idf_okapi(n, len(titles)), idf_lucene(n, len(titles))
    print(f"{word:10s}  {n:4d}  {okapi:12.3f}  {lucene:13.3f}")
okapi, lucene = idf_okapi(60, len(titles)), idf_lucene(60, len(titles))
print(f"（假想）      60  {okapi:12.3f}  {lucene:13.3f}")
repeats = np.array([1, 2, 4, 8, 16])
print("词出现的次数        ", *(f"{f:5d}" for f in repeats))
for k1 in (0.5, 1.5):
    factor = repeats * (k1 + 1) / (repeats + k1)  # 题目取平均长度
    print(f"得分倍数，k1 = {k1}  ", *(f"{f:5.2f}" for f in factor))
# --8<-- [end:bm25]


# --8<-- [start:rank]
def rank(scores):
    scores = np.round(scores, 9)  # 免得舍入误差决定同分的次序
    order = np.argsort(-scores, kind="stable")  # 同分按清单的次序
    return order[scores[order] > 0]  # 得 0 分的不是命中，名次没有意义


def show(scores, k, relevant):
    for place, i in enumerate(rank(scores)[:k], 1):
        mark = "+" if relevant[i] else "-"
        print(f"{place:4d} {mark} {scores[i]:5.2f}  {titles[i][:58]}")


print("查询 large language model，BM25 的前 12 名（+ 是标注为相关的）")
first = score_bm25("large language model")
show(first, 12, about_llm)
same = set(rank(first)[:10]) == set(rank(score_tfidf("large language model"))[:10])
print("TF-IDF 的前 10 名是同样的 10 篇：", same)
print("相关却得 0 分的：")
for i in np.flatnonzero(about_llm & (first == 0)):
    print("      ", titles[i])
# --8<-- [end:rank]


# --8<-- [start:metrics]
def precision_at(k, scores, relevant):
    return relevant[rank(scores)[:k]].sum() / k


def recall_at(k, scores, relevant):
    return relevant[rank(scores)[:k]].sum() / relevant.sum()


def report(name, scores, relevant=about_llm):
    p10, r20 = precision_at(10, scores, relevant), recall_at(20, scores, relevant)
    missed = np.sum(relevant & (scores <= 0))
    print(f"P@10 {p10:.2f}  R@20 {r20:.3f}  相关却得 0 分 {missed:2d} 篇  {name}")


# --8<-- [end:metrics]


# --8<-- [start:synonyms]
marks = "Direct Preference", "OpenAssistant", "Jailbroken", "DecodingTrust"
about_alignment = np.array([title.startswith(marks) for title in titles])
print(f"查询 alignment（相关的有 {about_alignment.sum()} 篇）")
show(score_bm25("alignment"), 5, about_alignment)
wider = score_bm25("alignment preference safety jailbreak trustworthiness reward")
print("补上 preference、safety、jailbreak、trustworthiness、reward：")
show(wider, 6, about_alignment)
# --8<-- [end:synonyms]


# --8<-- [start:fusion]
def fuse(score_lists, k=60):
    fused = np.zeros(len(titles))
    for scores in score_lists:
        order = rank(scores)
        fused[order] += 1 / (k + np.arange(1, len(order) + 1))
    return fused


queries = [
    "large language model",
    "LLM GPT",
    "chain of thought reasoning",
    "instruction tuning preference alignment safety",
]
print("四个查询，各自与合并：")
for query in queries:
    report(query, score_bm25(query))
report("四个合并（RRF）", fuse([score_bm25(query) for query in queries]))
report("四个连成一个长查询", score_bm25(" ".join(queries)))
# --8<-- [end:fusion]


# --8<-- [start:feedback]
def score_feedback(query, liked, weight=0.75):
    vector = tfidf(count([query]))[0] + weight * title_vectors[liked].mean(axis=0)
    return title_vectors @ vector


query, trials = "large language model", []
for liked in combinations(np.flatnonzero(about_llm), 3):
    rest = about_llm.copy()
    rest[list(liked)] = False  # 已经读过的三篇不再计分
    for scores in (score_tfidf(query), score_feedback(query, list(liked))):
        scores[list(liked)] = 0
        trials.append((recall_at(20, scores, rest), np.sum(rest & (scores == 0))))
trials = np.array(trials).reshape(-1, 2, 2)  # (trial, 只用查询 / 加种子, measure)
print(f"从 16 篇里任取 3 篇作种子，{len(trials)} 种取法，看其余 13 篇的平均：")
for name, (recall, missed) in zip(
    ("只用查询", "查询加种子"), trials.mean(axis=0), strict=True
):
    print(f"R@20 {recall:.3f}  相关却得 0 分 {missed:.2f} 篇  {name}")
gain = trials[:, 1, 0] - trials[:, 0, 0]
print(f"R@20 变好 {np.sum(gain > 0)} 次，变差 {np.sum(gain < 0)} 次")
# --8<-- [end:feedback]
