"""Which SavedModels are loaded: by default those that do nothing but compute.

A SavedModel is a program. Its graph can read and write any file of the user, and may come with links to files elsewhere.
Without `--trust` a SavedModel is refused if its functions use an operation outside of `_COMPUTING`, which holds what
`keras_gans.export` writes and what Keras' layers are made of. That does not make the files of strangers safe: operations have
bugs, and can take all memory and time.

Reference: https://github.com/tensorflow/tensorflow/blob/master/SECURITY.md, "Running untrusted models".
"""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from keras_gans.serving.model_folder import GRAPH

if TYPE_CHECKING:
    from tensorflow.core.framework.node_def_pb2 import NodeDef
    from tensorflow.core.protobuf.meta_graph_pb2 import MetaGraphDef

_TRUST = "A SavedModel is a program; if you trust its author, use --trust."
_LARGEST_GRAPH = 512 * 2**20  # bytes
_COMPUTING = frozenset(
    """
    Abs Acos Acosh Add AddN AddV2 All Any ApproximateEqual ArgMax ArgMin AsString Asin Asinh Assert AssignVariableOp Atan Atan2
    Atanh AvgPool AvgPool3D BatchMatMul BatchMatMulV2 BatchMatMulV3 BatchToSpaceND BiasAdd Bincount Bitcast BitwiseAnd BitwiseOr
    BitwiseXor BroadcastArgs BroadcastTo Bucketize Cast Ceil Cholesky ClipByValue Complex ComplexAbs Concat ConcatV2 Conj
    ConjugateTranspose Const Conv2D Conv2DBackpropInput Conv2DBackpropInputV2 Conv3D Conv3DBackpropInput Conv3DBackpropInputV2
    Cos Cosh Cross Cumprod Cumsum DecodeJpeg DecodePng DecodeRaw DecodeWav DenseBincount DepthToSpace DepthwiseConv2dNative Diag
    DiagPart Digamma DisableCopyOnRead Div DivNoNan Einsum Elu EmptyTensorList EncodeBase64 EncodeJpeg EncodePng EncodeWav
    EnsureShape Equal Erf Erfc Erfinv EuclideanNorm Exp ExpandDims Expm1 ExtractImagePatches ExtractJpegShape FFT FFT2D
    FakeParam Fill Floor FloorDiv FloorMod FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3 Gather GatherNd GatherV2 Greater
    GreaterEqual HSVToRGB HashTableV2 IFFT IFFT2D IRFFT IRFFT2D Identity IdentityN If Imag ImageProjectiveTransformV3 InTopKV2
    Inv Invert InvertPermutation IsFinite IsInf IsNan L2Loss LRN LeakyRelu LeftShift Less LessEqual Lgamma LinSpace Log Log1p
    LogSoftmax LogicalAnd LogicalNot LogicalOr LookupTableFindV2 LookupTableImportV2 LookupTableSizeV2 LowerBound MatMul
    MatrixBandPart MatrixDiag MatrixDiagPartV3 MatrixDiagV3 MatrixInverse MatrixSetDiagV3 Max MaxPool MaxPool3D MaxPoolV2
    Maximum Mean Min Minimum MirrorPad Mod Mul MulNoNan Multinomial Neg NoOp NonMaxSuppressionV3 NotEqual OneHot OnesLike Pack
    Pad PadV2 PartitionedCall Placeholder PlaceholderWithDefault PopulationCount Pow PreventGradient Prod Qr RFFT RFFT2D
    RGBToHSV RaggedGather RaggedRange RaggedTensorToTensor RandomStandardNormal RandomUniform RandomUniformInt Range Rank
    ReadVariableOp Real RealDiv Reciprocal ReduceJoin RegexFullMatch RegexReplace Relu Relu6 Reshape ResizeArea ResizeBicubic
    ResizeBilinear ResizeNearestNeighbor Reverse ReverseSequence ReverseV2 RightShift Rint Roll Round Rsqrt ScaleAndTranslate
    ScatterNd SegmentMax SegmentMean SegmentMin SegmentProd SegmentSum Select SelectV2 Selu Shape ShapeN Sigmoid Sign Sin Sinh
    Size Slice Snapshot Softmax Softplus Softsign SpaceToBatchND SpaceToDepth Split SplitV Sqrt Square SquaredDifference Squeeze
    StatefulPartitionedCall StatelessCase StatelessIf StatelessMultinomial StatelessRandomGetAlg StatelessRandomGetKeyCounter
    StatelessRandomGetKeyCounterAlg StatelessRandomNormal StatelessRandomNormalV2 StatelessRandomUniform
    StatelessRandomUniformFullInt StatelessRandomUniformFullIntV2 StatelessRandomUniformInt StatelessRandomUniformIntV2
    StatelessRandomUniformV2 StatelessTruncatedNormal StatelessTruncatedNormalV2 StatelessWhile StaticRegexFullMatch
    StaticRegexReplace StopGradient StridedSlice StringFormat StringJoin StringLength StringLower StringSplit StringSplitV2
    StringStrip StringUpper Sub Substr Sum Tan Tanh TensorListConcatV2 TensorListElementShape TensorListFromTensor
    TensorListGather TensorListGetItem TensorListLength TensorListPopBack TensorListPushBack TensorListReserve TensorListResize
    TensorListScatterV2 TensorListSetItem TensorListStack TensorScatterAdd TensorScatterMax TensorScatterMin TensorScatterSub
    TensorScatterUpdate Tile TopKV2 Transpose TruncateDiv TruncateMod TruncatedNormal UnicodeDecode UnicodeDecodeWithOffsets
    UnicodeEncode UnicodeTranscode Unique UniqueV2 Unpack UnravelIndex UnsortedSegmentJoin UnsortedSegmentMax UnsortedSegmentMin
    UnsortedSegmentProd UnsortedSegmentSum UpperBound VarHandleOp VarIsInitializedOp Where While Xdivy Xlog1py Xlogy ZerosLike
    """.split()  # noqa: SIM905  as a list it would be 270 lines
)
# TensorFlow writes two functions, to save and to restore the variables, into every SavedModel. Nothing calls them here.
_SAVING = _COMPUTING | {"MergeV2Checkpoints", "RestoreV2", "SaveV2", "ShardedFilename"}


def read_graph(folder: Path, trusted: bool) -> MetaGraphDef:
    """Return the graph of a SavedModel with the tag `serve`.

    Args:
        folder: The folder that holds `saved_model.pb`.
        trusted: Whether the graph may use any operation.

    Raises:
        ValueError: If there is no such graph, or it is not to be loaded.
    """
    from tensorflow.core.protobuf import saved_model_pb2

    _check_files(folder)
    content = saved_model_pb2.SavedModel.FromString((folder / GRAPH).read_bytes())
    if not trusted:
        # Of several graphs, and of those of TensorFlow 1, TensorFlow would load more than the functions.
        if len(content.meta_graphs) != 1 or not content.meta_graphs[0].object_graph_def.nodes:
            raise ValueError(f"It was not written by TensorFlow 2's tf.saved_model.save. {_TRUST}")
        _check_operations(content.meta_graphs[0])
    for graph in content.meta_graphs:
        if "serve" in graph.meta_info_def.tags:
            return graph
    raise ValueError("The SavedModel has no graph with the tag 'serve'.")


def _check_files(folder: Path) -> None:
    """Refuse whatever is not a file in this folder: links that lead elsewhere, pipes, devices."""
    root = folder.resolve()
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        if not path.resolve().is_relative_to(root):
            raise ValueError(f"{name} is a link that leads out of the model's folder.")
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise ValueError(f"{name} is not a regular file.")
    size = (folder / GRAPH).stat().st_size
    if size > _LARGEST_GRAPH:
        raise ValueError(f"{GRAPH} has {size:,} bytes; at most {_LARGEST_GRAPH:,} are read.")


def _check_operations(graph: MetaGraphDef) -> None:
    functions = {function.signature.name: function for function in graph.graph_def.library.function}
    nodes = {node.name: node for node in graph.graph_def.node}
    saver = (graph.saver_def.save_tensor_name, graph.saver_def.restore_op_name)
    saving = {name for each in saver for name in _called([nodes[each.split(":")[0]]] if each.split(":")[0] in nodes else [])}
    # Not if anything else can reach them.
    saving -= set(graph.object_graph_def.concrete_functions)
    saving -= {name for function in functions.values() for name in _called(function.node_def)}
    saving -= {name for name, function in functions.items() if "api_implements" in function.attr}
    used = {node.op for node in nodes.values()} - _COMPUTING
    for name, function in functions.items():
        used |= {node.op for node in function.node_def} - (_SAVING if name in saving else _COMPUTING)
    if used:
        raise ValueError(f"It uses operations that may do more than compute: {', '.join(sorted(used)[:8])}. {_TRUST}")


def _called(nodes: Iterable[NodeDef]) -> Iterator[str]:
    """Yield the names of the functions that nodes call."""
    for node in nodes:
        yield node.op
        for value in node.attr.values():
            yield value.func.name
            yield from (function.name for function in value.list.func)
