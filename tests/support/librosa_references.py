"""Reference values by librosa: `pip install librosa==0.11.0; python -m tests.support.librosa_references`.

They are stored, because librosa compiles its functions at run time and needs packages that the tests do not.
"""

from pathlib import Path

import numpy as np

FILE = Path(__file__).parents[1] / "keras_gans" / "audio" / "librosa_0_11_0.npz"
# By name, the settings of `keras_gans.audio.Mel`.
SETTINGS = {
    "speech": {"sample_rate": 8000, "n_fft": 512, "hop_length": 128, "win_length": 400, "n_mels": 64},
    "hifi_gan": {"sample_rate": 22050, "n_fft": 1024, "hop_length": 256, "n_mels": 80, "fmax": 8000.0},
    "uneven": {"sample_rate": 16000, "n_fft": 400, "hop_length": 150, "n_mels": 24, "fmin": 60.0},
}


def make_sounds():
    """Returns two sounds, float32 `(2, 3000)`: a rising tone that fades, and noise after silence."""
    seconds = np.arange(3000) / 8000
    tone = 0.8 * np.sin(2 * np.pi * (200 * seconds + 2000 * seconds**2)) * np.exp(-4 * seconds)
    noise = np.where(seconds < 0.1, 0, np.random.default_rng(0).uniform(-0.5, 0.5, 3000))
    return np.stack([tone, noise]).astype("float32")


def main():
    """Writes the file."""
    import librosa

    sounds, found = make_sounds(), {}
    for name, settings in SETTINGS.items():
        n_fft, hop, window = settings["n_fft"], settings["hop_length"], settings.get("win_length")
        filters = librosa.filters.mel(
            sr=settings["sample_rate"],
            n_fft=n_fft,
            n_mels=settings["n_mels"],
            fmin=settings.get("fmin", 0.0),
            fmax=settings.get("fmax"),
        )
        found[f"{name}_filters"] = filters
        ends = (n_fft - hop) // 2, n_fft - hop - (n_fft - hop) // 2
        for padding in ("center", "same"):
            center = padding == "center"
            given = sounds if center else np.pad(sounds, [(0, 0), ends], mode="reflect")
            spectra = librosa.stft(given, n_fft=n_fft, hop_length=hop, win_length=window, center=center, pad_mode="reflect")
            mels = np.log(np.maximum(np.einsum("mf,bft->btm", filters, np.abs(spectra)), 1e-5))
            found[f"{name}_{padding}"] = mels.astype("float32")
    n_fft, hop, window = (SETTINGS["speech"][name] for name in ("n_fft", "hop_length", "win_length"))
    magnitudes = np.abs(librosa.stft(sounds[0], n_fft=n_fft, hop_length=hop, win_length=window, pad_mode="reflect"))
    found["griffin_lim"] = librosa.griffinlim(
        magnitudes, n_iter=8, hop_length=hop, win_length=window, n_fft=n_fft, pad_mode="reflect", init=None
    )
    np.savez_compressed(FILE, **found)


if __name__ == "__main__":
    main()
