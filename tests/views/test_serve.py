import socket
import sys

import pytest

from views import serve


def test_a_port_in_use_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(sys, "argv", ["serve", "--port", str(taken.getsockname()[1])])
        assert serve.main() == 1
    assert "is in use" in capsys.readouterr().out


def test_a_server_that_ends_is_noticed():
    class Ended:
        returncode = 3

        def poll(self) -> int:
            return 3

    with pytest.raises(OSError, match="ended with code 3"):
        serve.wait_until_healthy(Ended(), "127.0.0.1", 9)
