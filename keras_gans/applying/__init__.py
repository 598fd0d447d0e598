"""Pictures sent through models from images to images: files of any kind and size, in exact tiles, with what belongs to them."""

from keras_gans.applying.apply_files import apply_file, apply_files
from keras_gans.applying.file_run import Applied, Progress
from keras_gans.applying.options import Options
from keras_gans.applying.receptive_field import ReceptiveField, receptive_field

__all__ = ["Applied", "Options", "Progress", "ReceptiveField", "apply_file", "apply_files", "receptive_field"]
