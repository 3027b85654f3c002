"""The BERT encoder as an ONNX graph, written node by node: mean of the last layer over the mask, of length one."""

from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from services.knowledge.semantic.weights import Weights

OPSET, IR, EPSILON, HIDDEN_AWAY = 20, 9, 1e-12, -10_000.0
_HEADS_APART: Final = [0, 2, 1, 3]


def bert(weights: Weights, layers: int, heads: int) -> onnx.ModelProto:
    """`input_ids` and `attention_mask` [n, t] to `vector` [n, d]."""
    return _Graph(weights, layers, heads).model()


def dots() -> onnx.ModelProto:
    """Many rows of small integers [n, w] times one column [w, 1]: what a search by brute force is."""
    node = helper.make_node("MatMulInteger", ["rows", "column"], ["dots"])
    ins = [("rows", ["n", "w"]), ("column", ["w", 1])]
    values = [helper.make_tensor_value_info(name, TensorProto.INT8, shape) for name, shape in ins]
    out = helper.make_tensor_value_info("dots", TensorProto.INT32, ["n", 1])
    return _model(helper.make_graph([node], "dots", values, [out]))


def _model(graph: onnx.GraphProto) -> onnx.ModelProto:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
    onnx.checker.check_model(model)
    return model


class _Graph:
    def __init__(self, weights: Weights, layers: int, heads: int) -> None:
        self._weights, self._layers = weights, layers
        self._dims = weights["embeddings.word_embeddings.weight"].shape[1]
        self._nodes: list[onnx.NodeProto] = []
        self._held: dict[str, onnx.TensorProto] = {}
        self._apart = [0, 0, heads, self._dims // heads]

    def model(self) -> onnx.ModelProto:
        mask = self._add("Cast", "attention_mask", to=TensorProto.FLOAT)
        bias = self._add("Mul", self._add("Sub", np.float32(1), self._wide(mask, 1, 2)), np.float32(HIDDEN_AWAY))
        x = self._embedded()
        for n in range(self._layers):
            x = self._layer(f"encoder.layer.{n}", x, bias)
        total = self._add("ReduceSum", self._add("Mul", x, self._wide(mask, -1)), _ints(1), keepdims=0)
        mean = self._add("Div", total, self._add("ReduceSum", mask, _ints(1), keepdims=1))
        self._nodes.append(helper.make_node("LpNormalization", [mean], ["vector"], axis=-1, p=2))
        ins = [helper.make_tensor_value_info(n, TensorProto.INT64, ["n", "t"]) for n in ("input_ids", "attention_mask")]
        out = helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["n", self._dims])
        return _model(helper.make_graph(self._nodes, "bert", ins, [out], list(self._held.values())))

    def _embedded(self) -> str:
        table = self._weights["embeddings.position_embeddings.weight"]
        table = table + self._weights["embeddings.token_type_embeddings.weight"][0]
        length = self._add("Shape", "input_ids", start=1, end=2)
        places = self._add("Slice", table, _ints(0), length, _ints(0))
        words = self._add("Gather", self._weights["embeddings.word_embeddings.weight"], "input_ids")
        return self._normed("embeddings.LayerNorm", self._add("Add", words, places))

    def _layer(self, at: str, x: str, bias: str) -> str:
        attended = self._linear(f"{at}.attention.output.dense", self._attention(f"{at}.attention.self", x, bias))
        y = self._normed(f"{at}.attention.output.LayerNorm", self._add("Add", attended, x))
        inner = self._add("Gelu", self._linear(f"{at}.intermediate.dense", y))
        return self._normed(f"{at}.output.LayerNorm", self._add("Add", self._linear(f"{at}.output.dense", inner), y))

    def _attention(self, at: str, x: str, bias: str) -> str:
        query, value = (self._heads(f"{at}.{name}", x, _HEADS_APART) for name in ("query", "value"))
        key = self._heads(f"{at}.key", x, [0, 2, 3, 1])
        scale = np.float32(self._apart[3] ** -0.5)
        scores = self._add("Add", self._add("Mul", self._add("MatMul", query, key), scale), bias)
        seen = self._add("MatMul", self._add("Softmax", scores, axis=-1), value)
        return self._add("Reshape", self._add("Transpose", seen, perm=_HEADS_APART), _ints(0, 0, self._dims))

    def _heads(self, at: str, x: str, order: list[int]) -> str:
        return self._add("Transpose", self._add("Reshape", self._linear(at, x), _ints(*self._apart)), perm=order)

    def _linear(self, at: str, x: str) -> str:
        product = self._add("MatMul", x, self._weights[f"{at}.weight"].T)
        return self._add("Add", product, self._weights[f"{at}.bias"])

    def _normed(self, at: str, x: str) -> str:
        scale, bias = self._weights[f"{at}.weight"], self._weights[f"{at}.bias"]
        return self._add("LayerNormalization", x, scale, bias, axis=-1, epsilon=EPSILON)

    def _wide(self, x: str, *axes: int) -> str:
        return self._add("Unsqueeze", x, _ints(*axes))

    def _add(self, op: str, *inputs: "str | NDArray[Any] | np.floating[Any]", **attributes: Any) -> str:
        """The name of what this node makes; an array among its inputs becomes a constant."""
        names = [i if isinstance(i, str) else self._hold(np.asarray(i)) for i in inputs]
        made = f"n{len(self._nodes)}"
        self._nodes.append(helper.make_node(op, names, [made], name=made, **attributes))
        return made

    def _hold(self, array: NDArray[Any]) -> str:
        name = f"c{len(self._held)}"
        self._held[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name


def _ints(*values: int) -> NDArray[np.int64]:
    return np.array(values, np.int64)
