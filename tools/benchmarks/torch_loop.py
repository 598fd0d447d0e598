"""The same networks in PyTorch, trained by the loop of its tutorials.

It follows https://pytorch.org/tutorials/beginner/dcgan_faces_tutorial.html: a DataLoader over a Dataset whose samples are
converted one by one, one pass through the generator, three backward passes, `item()` of both losses.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

if TYPE_CHECKING:
    from .turns import Turns


def run(model: str, images: np.ndarray, batch_size: int, warm_up: int, turns: Turns) -> None:
    """Train until the parent process ends."""
    torch.manual_seed(0)
    generator, discriminator = _NETWORKS[model]()
    take = critic_steps if model == "wgan_gp" else steps
    taken = take(generator, discriminator, loader(images, batch_size), batch_size)
    for _ in range(warm_up):
        next(taken)
    amount = turns.begin()
    while True:
        for _ in range(amount):
            next(taken)
        amount = turns.finish()


def loader(images: np.ndarray, batch_size: int) -> Any:
    """Return batches of uint8 images `(n, height, width, channels)` as float32 in [-1, 1], channels first, in random order."""
    return torch.utils.data.DataLoader(_Images(images), batch_size=batch_size, shuffle=True, drop_last=True)


class _Images(torch.utils.data.Dataset):
    def __init__(self, images: np.ndarray) -> None:
        self.images = images

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> torch.Tensor:
        # As torchvision's ToTensor and Normalize.
        image = torch.from_numpy(self.images[index]).permute(2, 0, 1).to(torch.float32).div(255)
        return image.sub_(0.5).div_(0.5)


def steps(generator: nn.Module, discriminator: nn.Module, loader: Any, batch_size: int) -> Iterator[tuple[float, float]]:
    """Train step by step without end, and yield both losses."""
    loss = nn.BCEWithLogitsLoss()
    real_labels, fake_labels = torch.ones(batch_size, 1), torch.zeros(batch_size, 1)
    generator_optimizer = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    discriminator_optimizer = torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    while True:
        for real in loader:
            discriminator.zero_grad()
            real_error = loss(discriminator(real), real_labels)
            real_error.backward()
            fake = generator(torch.randn(batch_size, 100))
            fake_error = loss(discriminator(fake.detach()), fake_labels)
            fake_error.backward()
            discriminator_optimizer.step()
            generator.zero_grad()
            generator_error = loss(discriminator(fake), real_labels)
            generator_error.backward()
            generator_optimizer.step()
            yield (real_error + fake_error).item(), generator_error.item()


def critic_steps(generator: nn.Module, critic: nn.Module, loader: Any, batch_size: int) -> Iterator[tuple[float, float]]:
    """Train as Gulrajani et al. 2017, algorithm 1: each step updates the critic, every fifth one the generator, too."""
    generator_optimizer = torch.optim.Adam(generator.parameters(), lr=1e-4, betas=(0.5, 0.9))
    critic_optimizer = torch.optim.Adam(critic.parameters(), lr=1e-4, betas=(0.5, 0.9))
    step = 0
    while True:
        for real in loader:
            step += 1
            critic.zero_grad()
            fake = generator(torch.randn(batch_size, 128)).detach()
            alpha = torch.rand(batch_size, 1, 1, 1)
            between = (alpha * real + (1 - alpha) * fake).requires_grad_()
            (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
            penalty = 10 * (gradient.flatten(1).norm(dim=1) - 1).square().mean()
            critic_error = critic(fake).mean() - critic(real).mean() + penalty
            critic_error.backward()
            critic_optimizer.step()
            generator_error = critic_error
            if step % 5 == 0:
                generator.zero_grad()
                generator_error = -critic(generator(torch.randn(batch_size, 128))).mean()
                generator_error.backward()
                generator_optimizer.step()
            yield critic_error.item(), generator_error.item()


def _gan() -> tuple[nn.Module, nn.Module]:
    def dense(*sizes: int) -> list[nn.Module]:
        return [layer for pair in itertools.pairwise(sizes) for layer in (nn.Linear(*pair), nn.LeakyReLU(0.2, inplace=True))]

    generator = nn.Sequential(*dense(100, 256, 512, 1024), nn.Linear(1024, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))
    discriminator = nn.Sequential(nn.Flatten(), *dense(784, 512, 256), nn.Linear(256, 1))
    return generator, discriminator


def _dcgan_generator(image_shape: tuple[int, int, int] = (28, 28, 1), width: int = 64, latent_dim: int = 100) -> nn.Module:
    """Return the generator of zoo/dcgan/networks.py, for square images."""
    side, _, colours = image_shape
    halvings = 0
    while side >> halvings > 7:
        halvings += 1
    base, channels = side >> halvings, width << (halvings - 1)
    layers: list[nn.Module] = [
        nn.Linear(latent_dim, base * base * channels, bias=False),
        nn.Unflatten(1, (channels, base, base)),
        nn.BatchNorm2d(channels),
        nn.ReLU(inplace=True),
    ]
    while channels > width:
        layers += [
            nn.ConvTranspose2d(channels, channels // 2, 4, 2, 1, bias=False),
            nn.BatchNorm2d(channels // 2),
            nn.ReLU(inplace=True),
        ]
        channels //= 2
    return nn.Sequential(*layers, nn.ConvTranspose2d(width, colours, 4, 2, 1), nn.Tanh())


def initialise(module: nn.Module) -> None:
    """Initialise a layer as in the tutorial and in Radford et al. 2016, section 4: `network.apply(initialise)`."""
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)


def dcgan(width: int = 64) -> tuple[nn.Module, nn.Module]:
    """Return generator and discriminator of zoo/dcgan/networks.py for 28x28 grey images, with PyTorch's initial weights."""
    discriminator = nn.Sequential(
        nn.Conv2d(1, width, 4, 2, 1),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(width, 2 * width, 4, 2, 1, bias=False),
        nn.BatchNorm2d(2 * width),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Flatten(),
        nn.Linear(2 * width * 7 * 7, 1),
    )
    return _dcgan_generator(width=width), discriminator


class _Cut(nn.Module):
    """Removes the last row and column."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x[:, :, :-1, :-1]


def _wgan_gp() -> tuple[nn.Module, nn.Module]:
    generator = nn.Sequential(
        nn.Linear(128, 4 * 4 * 256),
        nn.ReLU(inplace=True),
        nn.Unflatten(1, (256, 4, 4)),
        nn.ConvTranspose2d(256, 128, 5, 2, 2, 1),
        nn.ReLU(inplace=True),
        _Cut(),
        nn.ConvTranspose2d(128, 64, 5, 2, 2, 1),
        nn.ReLU(inplace=True),
        nn.ConvTranspose2d(64, 1, 5, 2, 2, 1),
        nn.Tanh(),
    )
    critic = nn.Sequential(
        nn.Conv2d(1, 64, 5, 2, 2),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(64, 128, 5, 2, 2),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(128, 256, 5, 2, 2),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Flatten(),
        nn.Linear(256 * 4 * 4, 1),
    )
    return generator, critic


def generator(model: str, settings: dict[str, Any]) -> nn.Module:
    """Return the generator of a model, for inference.

    Raises:
        ImportError: If the model with these settings is not written in PyTorch, as if PyTorch were missing.
    """
    if model == "dcgan" and set(settings) <= {"image_shape", "width", "latent_dim"}:
        return _dcgan_generator(**settings)
    if settings or model not in _NETWORKS:
        raise ImportError(f"{model} with {settings} is not written in PyTorch.", name="torch")
    return _NETWORKS[model]()[0]


_NETWORKS: dict[str, Callable[[], tuple[nn.Module, nn.Module]]] = {"gan": _gan, "dcgan": dcgan, "wgan_gp": _wgan_gp}
MODELS = frozenset(_NETWORKS)
