"""A name server in small, as a container engine has one: a name, and the addresses of all copies."""

import socket
import threading

HEADER, A, TTL = 12, 1, 1


class Names:
    """Answers questions for IPv4 addresses with all of them, and any other with none."""

    def __init__(self, addresses: list[str]) -> None:
        self.addresses = addresses  # may be changed while it serves
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.at = "{}:{}".format(*self.socket.getsockname())
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                asked, who = self.socket.recvfrom(4096)
                self.socket.sendto(self.answer(asked), who)
            except OSError:
                return  # closed

    def answer(self, asked: bytes) -> bytes:
        end = asked.index(b"\0", HEADER) + 1  # of the name; its type and class follow
        found = self.addresses if int.from_bytes(asked[end : end + 2]) == A else []
        head = asked[:2] + b"\x81\x80" + b"\0\1" + len(found).to_bytes(2) + b"\0\0\0\0"
        record = b"\xc0\x0c\0\1\0\1" + TTL.to_bytes(4) + b"\0\4"  # c00c: the name of the question
        return (
            head + asked[HEADER : end + 4] + b"".join(record + socket.inet_aton(one) for one in list(found))
        )

    def stop(self) -> None:
        self.socket.close()
