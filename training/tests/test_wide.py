"""The wide part in the exported file gives what the fitted one gives, whatever the padding."""
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from ..encoder import CLS, SEP
from ..wide import BUCKETS, WORDS, Wide, attach, features


def silent_model(path):
    """A model whose logits are always (0, 0)."""
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in ("input_ids", "attention_mask")]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 2])]
    nodes = [
        helper.make_node("Cast", ["input_ids"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("ReduceSum", ["floats", "axis"], ["sum"], keepdims=1),
        helper.make_node("Mul", ["sum", "nothing"], ["logits"]),
    ]
    constants = [numpy_helper.from_array(np.array([1], np.int64), "axis"), numpy_helper.from_array(np.zeros(2, np.float32), "nothing")]
    graph = helper.make_graph(nodes, "silent", inputs, outputs, constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(path))


def test_the_file_agrees_with_the_fit_and_padding_changes_nothing(tmp_path):
    dice = np.random.default_rng(1)
    table = lambda size: dice.normal(size=size).astype(np.float16)
    wide = Wide(table(WORDS), table(BUCKETS), table(BUCKETS), bias=0.25, share=0.5)
    silent_model(tmp_path / "deep.onnx")
    attach(tmp_path / "deep.onnx", wide, tmp_path / "both.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "both.onnx"))
    bodies = [[2000, 2001, 2002, 2003], [7], [], list(range(3000, 3254))]
    expected = features(bodies) @ np.concatenate([wide.words, wide.pairs, wide.triples]).astype(np.float64) + 0.25
    for body, score in zip(bodies, expected):
        for padding in (0, 9):
            framed = [CLS, *body, SEP]
            ids = np.array([framed + [0] * padding], np.int64)
            mask = np.array([[1] * len(framed) + [0] * padding], np.int64)
            real, fake = session.run(["logits"], {"input_ids": ids, "attention_mask": mask})[0][0]
            assert abs((fake - real) - 0.5 * score) < 1e-3
