"""What both backends multiply scores with before they differentiate by a network's inputs."""

# A power of two, by which float32 and bfloat16 numbers can be multiplied and divided without a change. In float16, whose
# smallest number of full precision is 6e-5, it makes gradients down to 6e-8 precise; those of 64 and more are too large.
GRADIENT_SCALE = 1024.0
