"""What a TFLite file holds, read by the schema that comes with TensorFlow."""

import dataclasses

from tensorflow.lite.python import schema_py_generated as schema


@dataclasses.dataclass
class Operator:
    """An operator: its name, and the element types and shapes of its inputs and outputs."""

    name: str
    types: list[str]
    shapes: list[list[int]]


def read(content):
    """Returns the model as objects."""
    return schema.ModelT.InitFromPackedBuf(content, 0)


def operators(model):
    """Returns the operators of each graph, the main one first."""
    names, types = _names(schema.BuiltinOperator), _names(schema.TensorType)
    found = []
    for graph in model.subgraphs:
        found.append([])
        for operator in graph.operators:
            code = model.operatorCodes[operator.opcodeIndex]
            tensors = [graph.tensors[index] for index in (*operator.inputs, *operator.outputs) if index >= 0]
            found[-1].append(
                Operator(
                    names[max(code.builtinCode, code.deprecatedBuiltinCode)],
                    [types[tensor.type] for tensor in tensors],
                    [[] if tensor.shape is None else list(tensor.shape) for tensor in tensors],
                )
            )
    return found


def _names(constants):
    return {value: name for name, value in vars(constants).items() if not name.startswith("_")}
