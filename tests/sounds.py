"""Sounds as libraries see them: mel filters by transformers, power by SciPy."""

import numpy as np
from scipy import fft, signal
from transformers import audio_utils


def htk_filters(rate, n_fft, n_mels):
    """Triangles on HTK's mel scale, (n_mels, n_fft // 2 + 1)."""
    found = audio_utils.mel_filter_bank(
        n_fft // 2 + 1, n_mels, 0, rate / 2, rate, norm=None, mel_scale="htk"
    )
    return found.T


def scipy_power(x, size, hop):
    """Power of Hann frames that lie wholly within the sound, (frames, bins)."""
    window = signal.get_window("hann", size)
    starts = range(0, len(x) - size + 1, hop)
    cut = np.array([x[s : s + size] * window for s in starts])
    return np.abs(fft.rfft(cut)) ** 2
