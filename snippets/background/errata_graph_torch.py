# --8<-- [start:graph]
import warnings

import torch
from torch import nn

model, x = nn.Linear(8, 1).eval(), torch.zeros(1, 8)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    torch.jit.trace(model, x)
print(f"{caught[0].category.__name__}: {caught[0].message}")

program = torch.export.export(model, (x,))
calls = [node.name for node in program.graph.nodes if node.op == "call_function"]
print("torch.export 得到的图：", *calls)
# --8<-- [end:graph]
