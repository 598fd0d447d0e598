"""TensorFlow Serving's REST and gRPC APIs over exported SavedModels, and a gallery of what they generate: see docs/serving.md.

`server.Server` runs it. Nothing here is imported by the rest of the library, and what it needs comes with the extra `serve`.
"""
