"""Linear layers and embedding tables that start the way GPT-2's did."""

from torch import Tensor, nn

from core import wide

INIT_STD = 0.02  # Radford et al. 2019; small, so that an untrained model's guesses are even: loss near ln(V)


class Linear(nn.Linear):
    """y = x W^T + b, with weights drawn from N(0, 0.02) and a bias of zero."""

    def reset_parameters(self) -> None:
        """Draw the starting weights; none for a model that is being loaded (on the meta device)."""
        if self.weight.is_meta:
            return
        nn.init.normal_(self.weight, std=INIT_STD)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:  # (..., C_in) -> (..., C_out)
        return wide.linear(x, self.weight, self.bias)


class Embedding(nn.Embedding):
    """A table with one learned row per id, drawn from N(0, 0.02)."""

    def reset_parameters(self) -> None:
        """Draw the starting rows, unless a model is being loaded."""
        if not self.weight.is_meta:
            nn.init.normal_(self.weight, std=INIT_STD)
