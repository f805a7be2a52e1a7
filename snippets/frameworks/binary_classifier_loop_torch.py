# --8<-- [start:data]
import copy

import numpy as np
import torch
from sklearn import metrics
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(2)  # 定下初始权重与次序；换一个，后面的数都会变
gpu = torch.accelerator.current_accelerator(check_available=True)
device = gpu or "cpu"  # 有 GPU 就用 GPU
dataset = load_breast_cancer()
names = dataset.feature_names[:8].tolist()
labels = (dataset.target == 0).astype("float32")  # 恶性 = 1
rest, test = train_test_split(
    np.arange(len(labels)), test_size=114, stratify=labels, random_state=0
)
train, valid = train_test_split(
    rest, test_size=114, stratify=labels[rest], random_state=0
)
x = torch.tensor(dataset.data[:, :8], dtype=torch.float32, device=device)
y = torch.tensor(labels, device=device)  # (569,)
# --8<-- [end:data]


# --8<-- [start:model]
class BinaryClassifier(nn.Module):
    def __init__(self, mean, scale):
        super().__init__()
        # buffer 随 state_dict 保存，但不参加训练：标准化属于模型
        self.register_buffer("mean", mean)
        self.register_buffer("scale", scale)
        self.hidden = nn.Linear(len(mean), 10)
        self.output = nn.Linear(10, 1)

    def forward(self, rows):
        z = (rows - self.mean) / self.scale  # (batch, 8)
        hidden = torch.relu(self.hidden(z))  # (batch, 10)
        return self.output(hidden).squeeze(1)  # logit，(batch,)


# 只看训练集；correction=0 是除以 n
model = BinaryClassifier(x[train].mean(dim=0), x[train].std(dim=0, correction=0))
model.to(device)
print("可训练参数：", sum(p.numel() for p in model.parameters()))
# --8<-- [end:model]


# --8<-- [start:loss]
criterion = nn.BCEWithLogitsLoss()  # 默认对小批量取平均

confident = torch.tensor([20.0])  # 一个很自信的 logit，而标签是 0
naive = -torch.log(1 - torch.sigmoid(confident)).item()
stable = criterion(confident, torch.zeros(1)).item()
print(f"logit 20、标签 0 的损失：先 sigmoid {naive}，从 logit {stable:.4f}")
# --8<-- [end:loss]


# --8<-- [start:train]
loader = DataLoader(TensorDataset(x[train], y[train]), batch_size=32, shuffle=True)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)


@torch.inference_mode()  # 不记录计算图：评估不需要梯度
def predict(model, rows):
    model.eval()  # 本网络没有 Dropout、BatchNorm，写上是习惯
    return model(rows)


best_loss = float("inf")
for epoch in range(1, 201):
    model.train()
    for rows, targets in loader:
        optimizer.zero_grad()  # backward() 把梯度加到 .grad 上，不清零就会累积
        loss = criterion(model(rows), targets)
        loss.backward()
        optimizer.step()
    valid_loss = criterion(predict(model, x[valid]), y[valid]).item()
    if valid_loss < best_loss:
        best_loss, best_epoch = valid_loss, epoch
        # state_dict 里是引用，不 deepcopy 就会跟着后面的训练一起变
        best = copy.deepcopy(model.state_dict())
    if epoch - best_epoch >= 20:
        break
model.load_state_dict(best)
print(f"第 {epoch} 轮停止，取回第 {best_epoch} 轮的权重，验证损失 {best_loss:.3f}")
# --8<-- [end:train]


# --8<-- [start:evaluate]
logits = predict(model, x[test]).cpu().numpy()
truth, guess = labels[test], logits >= 0  # logit 0 就是概率 0.5
print(f"准确率 {metrics.accuracy_score(truth, guess):.4f}", end="，")
print(f"召回率 {metrics.recall_score(truth, guess):.4f}", end="，")
print(f"ROC-AUC {metrics.roc_auc_score(truth, logits):.3f}")
# --8<-- [end:evaluate]


# --8<-- [start:save]
state = {"state_dict": model.state_dict(), "features": names, "threshold": 1 / 6}
torch.save(state, "binary_classifier.pt")

# weights_only=True 只还原张量和基本类型，不执行文件里的代码
loaded = torch.load("binary_classifier.pt", map_location=device, weights_only=True)
restored = BinaryClassifier(torch.zeros(8), torch.ones(8)).to(device)
restored.load_state_dict(loaded["state_dict"])
same = np.array_equal(predict(restored, x[test]).cpu(), logits)
print("载入后的输出逐位相同：", same)
# --8<-- [end:save]


# --8<-- [start:predict]
patient = {  # 一行编造的新数据；键的次序不必与训练时相同，单位必须相同
    "mean area": 531.0,
    "mean radius": 13.2,
    "mean texture": 19.5,
    "mean perimeter": 85.8,
    "mean smoothness": 0.098,
    "mean concavity": 0.09,
    "mean compactness": 0.1,
    "mean concave points": 0.05,
}
row = torch.tensor([[patient[name] for name in loaded["features"]]], device=device)
chance = torch.sigmoid(predict(restored, row)).item()
for t in (0.5, loaded["threshold"]):
    print(f"恶性概率 {chance:.2f}，阈值 {t:.3f}：判为", end="")
    print("恶性" if chance >= t else "良性")
z = (row - restored.mean) / restored.scale
print(f"离训练均值最远 {z.abs().max():.2f} 个标准差")
# --8<-- [end:predict]
