"""Tiny cross-encoders as ONNX graphs, made for a test: they count what they are shown and have learned nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

VOCABULARY = 30522  # of the tokenizer that goes with it


def save_graph(path: Path, *, outputs: int = 1, constant: float | None = None, inputs: int = 3) -> Path:
    """logit = the sum of fixed random weights of the passage's tokens, plus `constant`.

    `outputs` 2 gives (0, logit); with `inputs` 2 there are no token types and the question's tokens count too.
    """
    names = ["input_ids", "attention_mask", "token_type_ids"][:inputs]
    weights = np.random.default_rng(3).standard_normal((VOCABULARY, 1)).astype(np.float32)
    nodes = [
        helper.make_node("Gather", ["weights", "input_ids"], ["each"]),
        helper.make_node("Cast", ["token_type_ids" if inputs == 3 else "attention_mask"], ["mask"], to=1),
        helper.make_node("Unsqueeze", ["mask", "last"], ["wide"]),
        helper.make_node("Mul", ["each", "wide"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "middle"], ["sum"], keepdims=0),
        helper.make_node("Add", ["sum", "constant"], ["logit"]),
    ]
    if inputs == 3:  # takes part, so that it may not be left out
        nodes[2:2] = [
            helper.make_node("Cast", ["attention_mask"], ["seen"], to=1),
            helper.make_node("Mul", ["mask", "seen"], ["mask2"]),
        ]
        nodes[4].input[0] = "mask2"
    if outputs == 2:
        nodes += [
            helper.make_node("Mul", ["logit", "zero"], ["none"]),
            helper.make_node("Concat", ["none", "logit"], ["logits"], axis=1),
        ]
    elif outputs == 3:
        nodes += [helper.make_node("Concat", ["logit", "logit", "logit"], ["logits"], axis=1)]
    else:
        nodes += [helper.make_node("Identity", ["logit"], ["logits"])]
    kept = [
        numpy_helper.from_array(weights, "weights"),
        numpy_helper.from_array(np.array([2], dtype=np.int64), "last"),
        numpy_helper.from_array(np.array([1], dtype=np.int64), "middle"),
        numpy_helper.from_array(np.array([constant or 0.0], dtype=np.float32), "constant"),
        numpy_helper.from_array(np.array([0.0], dtype=np.float32), "zero"),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "t"]) for name in names],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", outputs])],
        kept,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 10
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    return path
