import socket

from linkage_runtime.stack.ports import LOOPBACK, HeldPort, listens


def test_a_held_port_is_given_to_nobody_else() -> None:
    with HeldPort() as held:
        others = []
        for _ in range(2_000):
            with HeldPort() as other:
                others.append(other.number)
        assert held.number not in others


def test_a_child_can_listen_on_a_port_while_it_is_held() -> None:
    with HeldPort() as held:
        number = held.hand_over()
        assert not listens(number)
        with socket.socket() as child:
            child.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            child.bind((LOOPBACK, number))
            child.listen()
            assert listens(number)
        assert not listens(number)


def test_a_held_port_is_free_again_when_it_is_closed() -> None:
    with HeldPort() as held:
        number = held.number
    with socket.socket() as stranger:
        stranger.bind((LOOPBACK, number))
        assert stranger.getsockname()[1] == number
