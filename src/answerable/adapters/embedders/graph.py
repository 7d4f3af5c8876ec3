"""The model's computation as an ONNX graph, built from the weights with onnxruntime's fused operators.

BERT (Devlin et al. 2019, section 3) with 6 layers, then mean pooling and L2 normalization (Reimers and Gurevych
2019, section 3). The built file is cached: building needs the `onnx` package, running does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from answerable.adapters.embedders.cache import replacing
from answerable.adapters.embedders.safetensors import read_tensors
from answerable.adapters.embedders.weights import Weights, verify_file
from answerable.core.errors import ConfigError, IntegrityError

if TYPE_CHECKING:
    import onnx

GRAPH_VERSION = 2  # raise with every change of the graph: it names the cached file
EPSILON = 1e-12  # layer_norm_eps of the model's config.json

Precision = Literal["fp32", "int8"]
Tensors = Mapping[str, NDArray[np.float32]]
_FUSED = frozenset({"Attention", "BiasGelu", "EmbedLayerNormalization", "SkipLayerNormalization"})
_NONE: Mapping[str, float] = MappingProxyType({})


def cached_graph(weights: Weights, *, cache: Path, precision: Precision = "fp32") -> Path:
    """The graph's file, built when it is not there yet (2 s). Raises IntegrityError for other weights."""
    stem = f"{weights.pin.name}-{weights.pin.model_sha256[:12]}-g{GRAPH_VERSION}"
    path = cache / "graphs" / f"{stem}-{precision}.onnx"
    if not path.is_file():
        verify_file(weights.model, weights.pin.model_sha256)
        with replacing(path) as temporary:
            _write(weights, temporary, precision)
    return path


def _write(weights: Weights, path: Path, precision: Precision) -> None:
    try:
        import onnx  # only here: 0.5 s to import, and needed once per machine
    except ImportError as exc:
        raise ConfigError(
            "building the embedding graph needs the onnx package", hint="pip install 'answerable[embedded]'"
        ) from exc
    model = build_graph(read_tensors(weights.model), heads=weights.pin.heads)
    onnx.save_model(model, str(path))
    if precision == "int8":
        _quantize(path)


def _quantize(path: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic  # pulls in onnx: only when building

    quantize_dynamic(
        path,
        path,
        op_types_to_quantize=["MatMul", "Attention"],
        per_channel=True,
        weight_type=QuantType.QInt8,
        extra_options={"DefaultTensorType": 1},  # fused operators have no shape inference
    )


def build_graph(tensors: Tensors, *, heads: int) -> onnx.ModelProto:
    """ids, mask (batch, length) int32 → vectors (batch, hidden) float32 of unit length, and tokens (batch, length,
    hidden) float32, the last layer that they are the mean of. mask: ones, then zeros.

    Raises IntegrityError when a tensor is missing.
    """
    try:
        return _Builder(tensors, heads=heads).model()
    except KeyError as exc:
        raise IntegrityError(f"the weights have no tensor {exc}", hint="get the weights again") from exc


class _Builder:
    """Collects nodes and constants. Each method adds one part of the network and returns its output's name."""

    def __init__(self, tensors: Tensors, *, heads: int) -> None:
        from onnx import helper, numpy_helper  # only when building

        self._helper, self._numpy = helper, numpy_helper
        self._tensors, self._heads = tensors, heads
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def model(self) -> onnx.ModelProto:
        from onnx import TensorProto

        hidden, lengths = self._embeddings()
        layers = sum(name.endswith("attention.self.query.weight") for name in self._tensors)
        for layer in range(layers):
            hidden = self._layer(f"encoder.layer.{layer}", hidden, lengths)
        self._node("Identity", [hidden], output="tokens")
        self._pool(hidden)
        dim = self._tensors["embeddings.LayerNorm.weight"].shape[0]
        value = self._helper.make_tensor_value_info
        graph = self._helper.make_graph(
            self._nodes,
            "minilm",
            [value(name, TensorProto.INT32, ["batch", "length"]) for name in ("ids", "mask")],
            [
                value("vectors", TensorProto.FLOAT, ["batch", dim]),
                value("tokens", TensorProto.FLOAT, ["batch", "length", dim]),
            ],
            initializer=self._constants,
        )
        opsets = [self._helper.make_opsetid("", 17), self._helper.make_opsetid("com.microsoft", 1)]
        made: onnx.ModelProto = self._helper.make_model(graph, opset_imports=opsets, ir_version=8)
        return made

    def _embeddings(self) -> tuple[str, str]:
        """Sum of word, position and segment embeddings, normalized; and each row's length from the mask."""
        words = self._weight("embeddings.word_embeddings.weight")
        # Every token is of segment 0: its embedding goes into the positions' and the operator has one input less.
        segment = self._tensors["embeddings.token_type_embeddings.weight"][0]
        places = self._tensors["embeddings.position_embeddings.weight"] + segment
        positions = self._constant("embeddings.positions", places)
        norm = [self._weight(f"embeddings.LayerNorm.{part}") for part in ("weight", "bias")]
        inputs = ["ids", "", words, positions, "", *norm, "mask"]
        self._node("EmbedLayerNormalization", inputs, output="embedded", attributes={"epsilon": EPSILON})
        return "embedded", "lengths"

    def _layer(self, prefix: str, hidden: str, lengths: str) -> str:
        """One transformer block: attention, add and normalize; feed forward, add and normalize."""
        parts = [f"{prefix}.attention.self.{part}" for part in ("query", "key", "value")]
        weight = np.concatenate([self._tensors[f"{part}.weight"].T for part in parts], axis=1)
        bias = np.concatenate([self._tensors[f"{part}.bias"] for part in parts])
        inputs = [
            hidden,
            self._constant(f"{prefix}.qkv.weight", weight),
            self._constant(f"{prefix}.qkv.bias", bias),
        ]
        attended = self._node("Attention", [*inputs, lengths], attributes={"num_heads": self._heads})
        hidden = self._add_normalize(f"{prefix}.attention.output", attended, hidden)
        inner = self._matmul(f"{prefix}.intermediate.dense", hidden)
        inner = self._node("BiasGelu", [inner, self._weight(f"{prefix}.intermediate.dense.bias")])  # exact, by erf
        return self._add_normalize(f"{prefix}.output", inner, hidden)

    def _add_normalize(self, prefix: str, new: str, skip: str) -> str:
        norm = [self._weight(f"{prefix}.LayerNorm.{part}") for part in ("weight", "bias")]
        inputs = [self._matmul(f"{prefix}.dense", new), skip, *norm, self._weight(f"{prefix}.dense.bias")]
        return self._node("SkipLayerNormalization", inputs, attributes={"epsilon": EPSILON})

    def _pool(self, hidden: str) -> None:
        """The mean over a row's own tokens, at unit length: the sum will do, its direction is the mean's."""
        weights = self._node("Cast", ["mask"], attributes={"to": 1})  # to float32
        weights = self._node("Unsqueeze", [weights, self._constant("axis", np.array([1], dtype=np.int64))])
        total = self._node("Squeeze", [self._node("MatMul", [weights, hidden]), "axis"])
        self._node("LpNormalization", [total], output="vectors", attributes={"axis": -1, "p": 2})

    def _matmul(self, prefix: str, inputs: str) -> str:
        weight = self._constant(f"{prefix}.weight", self._tensors[f"{prefix}.weight"].T)
        return self._node("MatMul", [inputs, weight])

    def _weight(self, name: str) -> str:
        return self._constant(name, self._tensors[name])

    def _constant(self, name: str, value: NDArray[Any]) -> str:
        self._constants.append(self._numpy.from_array(np.ascontiguousarray(value), name))
        return name

    def _node(
        self, operator: str, inputs: list[str], *, output: str = "", attributes: Mapping[str, float] = _NONE
    ) -> str:
        output = output or f"{operator}_{len(self._nodes)}"
        domain = "com.microsoft" if operator in _FUSED else ""
        outputs = [output, "lengths"] if operator == "EmbedLayerNormalization" else [output]
        made = self._helper.make_node(operator, inputs, outputs, name=output, domain=domain)
        made.attribute.extend(self._helper.make_attribute(name, value) for name, value in attributes.items())
        self._nodes.append(made)
        return output
