"""The blocks of EfficientNet-Lite0.

Reference: Tan and Le 2019, "EfficientNet", table 1; the Lite variant, without squeeze-and-excitation and with ReLU6, is that of
github.com/tensorflow/tpu, models/official/efficientnet/lite.
"""

import dataclasses
from collections.abc import Iterator

# Stride of the first block, output channels and number of blocks of each stage. Kernel sizes are those of the weights.
_STAGES = ((1, 16, 1), (2, 24, 2), (2, 40, 2), (2, 80, 3), (1, 112, 3), (2, 192, 4), (1, 320, 1))

# Channels of the stages whose outputs are usual taps; their strides are 4, 8, 16 and 32.
TAPS = (24, 40, 112, 320)
# Channels of all stages, which tell them apart.
CHANNELS = tuple(channels for _, channels, _ in _STAGES)


@dataclasses.dataclass(frozen=True)
class Block:
    """An inverted residual block.

    Attributes:
        name: Prefix of its weights.
        stride: Stride of its depthwise convolution.
        expands: Whether it begins with a 1x1 convolution.
        adds_input: Whether it adds its input to its output.
        ends_stage: Channels of the stage that it ends, or 0.
    """

    name: str
    stride: int
    expands: bool
    adds_input: bool
    ends_stage: int


def blocks() -> Iterator[Block]:
    """Yield the blocks in order."""
    index = 0
    for stride, channels, count in _STAGES:
        for position in range(count):
            first, last = position == 0, position == count - 1
            yield Block(f"block{index:02d}", stride if first else 1, index > 0, not first, channels if last else 0)
            index += 1
