"""Metrics of samples and their features, in NumPy."""

from keras_gans.audio.faults import HUM_SHARE, are_clipped, are_silent, hum_shares
from keras_gans.metrics.categories import category_accuracy
from keras_gans.metrics.class_accuracy import ClassAccuracy, class_accuracy_score
from keras_gans.metrics.crps import crps
from keras_gans.metrics.density import grid_density, js_divergence, kl_divergence
from keras_gans.metrics.frechet import Moments, frechet_distance
from keras_gans.metrics.holes import hole_l1, hole_psnr
from keras_gans.metrics.inception_score import inception_score
from keras_gans.metrics.kernel import kernel_distance
from keras_gans.metrics.manifold import DensityCoverage, PrecisionRecall, density_coverage, precision_recall
from keras_gans.metrics.memorisation import Memorisation, authenticity, memorisation
from keras_gans.metrics.modes import high_quality_fraction, modes_covered
from keras_gans.metrics.motion import speed_distance
from keras_gans.metrics.ms_ssim import ms_ssim, ms_ssim_of_pairs
from keras_gans.metrics.neighbours import nearest_neighbours, neighbour_radii
from keras_gans.metrics.perceptual import perceptual_distance
from keras_gans.metrics.reconstruction import haarpsi, psnr, ssim
from keras_gans.metrics.sliced_wasserstein import SlicedWasserstein, sliced_wasserstein_distance
from keras_gans.metrics.spectral import mel_cepstral_distortion, multi_resolution_stft_distance
from keras_gans.metrics.speech_quality import pesq, stoi
from keras_gans.video.motion import are_flickering, are_frozen, centroids, changes, jitter, speeds

__all__ = [
    "HUM_SHARE",
    "ClassAccuracy",
    "DensityCoverage",
    "Memorisation",
    "Moments",
    "PrecisionRecall",
    "SlicedWasserstein",
    "are_clipped",
    "are_flickering",
    "are_frozen",
    "are_silent",
    "authenticity",
    "category_accuracy",
    "centroids",
    "changes",
    "class_accuracy_score",
    "crps",
    "density_coverage",
    "frechet_distance",
    "grid_density",
    "haarpsi",
    "high_quality_fraction",
    "hole_l1",
    "hole_psnr",
    "hum_shares",
    "inception_score",
    "jitter",
    "js_divergence",
    "kernel_distance",
    "kl_divergence",
    "mel_cepstral_distortion",
    "memorisation",
    "modes_covered",
    "ms_ssim",
    "ms_ssim_of_pairs",
    "multi_resolution_stft_distance",
    "nearest_neighbours",
    "neighbour_radii",
    "perceptual_distance",
    "pesq",
    "precision_recall",
    "psnr",
    "sliced_wasserstein_distance",
    "speed_distance",
    "speeds",
    "ssim",
    "stoi",
]
